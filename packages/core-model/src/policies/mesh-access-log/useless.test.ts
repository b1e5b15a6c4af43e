import { expect, test } from 'vitest';
import { fieldPath } from '../../resources/field-path.ts';
import { useless } from './useless.ts';

test('a line of another form than its type says is told of', () => {
  const plain = 'a';
  const json = [{ key: 'a', value: 'b' }];
  const log = (...formats: object[]) =>
    useless({ backends: formats.map((format) => ({ file: { format }, tcp: {} })) }).map(({ path }) => fieldPath(...path));
  expect(log({ type: 'Json', json }, { type: 'Plain', plain })).toEqual([]);
  expect(log({ type: 'Json', json, plain }, { type: 'Plain', plain, json })).toEqual([
    'backends[0].file.format.plain',
    'backends[1].file.format.json',
  ]);
});

test('of fields with one name those that do not count are told', () => {
  const json = ['a', 'b', 'a'].map((key) => ({ key, value: 'x' }));
  expect(useless({ backends: [{ file: { format: { type: 'Json', json } } }] })).toEqual([
    { path: ['backends', 0, 'file', 'format', 'json', 0], why: 'has no effect: json[2] has the same key' },
  ]);
});
