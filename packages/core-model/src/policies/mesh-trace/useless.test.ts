import { expect, test } from 'vitest';
import { useless } from './useless.ts';

test('of tags with one name those that do not count are told', () => {
  const tags = ['a', 'b', 'a'].map((name) => ({ name, literal: 'x' }));
  expect(useless({ backends: [], tags })).toEqual([{ path: ['tags', 2], why: 'has no effect: tags[0] has the same name' }]);
});
