import { expect, test } from 'vitest';
import { useless } from './useless.ts';

test.each([
  ['Matched', []],
  ['None', [['appendMatch']]],
  ['All', [['appendMatch']]],
  [undefined, [['appendMatch']]],
] as const)('a list of places beside the mode %s tells whether it is asked', (passthroughMode, expected) => {
  const appendMatch = [{ type: 'IP' as const, value: '10.0.0.1' }];
  expect(useless({ passthroughMode, appendMatch }).map(({ path }) => path)).toEqual(expected);
});
