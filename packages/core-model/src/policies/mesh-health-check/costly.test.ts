import { expect, test } from 'vitest';
import { fieldPath } from '../../resources/field-path.ts';
import { costly } from './costly.ts';

const at = (conf: Parameters<typeof costly>[0]) => costly(conf).map(({ path }) => fieldPath(...path));

test.each([
  ['20s', []],
  ['20001ms', ['initialJitter']],
  ['2562047h', ['initialJitter']],
])('an initial jitter of %s', (initialJitter, paths) => {
  expect(at({ initialJitter })).toEqual(paths);
});

test.each([
  ['/', []],
  ['/a/../b?x=%41&y="{}"', []],
  ['health', ['http.path']],
  ['/a b', ['http.path']],
  ['/ä', []],
  ['/a#b', ['http.path']],
])('a probe of the path %s', (path, paths) => {
  expect(at({ http: { path } })).toEqual(paths);
});

test('headers of connections and bodies, and an authority that is none', () => {
  const set = [
    { name: 'x-probe', value: 'yes' },
    { name: 'connection', value: 'close' },
    { name: 'te', value: 'trailers' },
  ];
  const add = [{ name: 'content-length', value: '5' }];
  expect(at({ http: { requestHeadersToAdd: { set, add } }, grpc: { authority: 'a b' } })).toEqual([
    'http.requestHeadersToAdd.set[1]',
    'http.requestHeadersToAdd.add[0]',
    'grpc.authority',
  ]);
  expect(at({ http: {}, grpc: { authority: 'pets:80' }, initialJitter: '1s' })).toEqual([]);
});
