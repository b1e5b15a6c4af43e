import { expect, test } from 'vitest';
import { fieldPath } from '../../resources/field-path.ts';
import { useless } from './useless.ts';

const places = (...weights: (number | undefined)[]) => {
  const backendRefs = weights.map((weight) => ({ kind: 'MeshService', name: 'db', ...(weight === undefined ? {} : { weight }) }));
  return useless({ rules: [{ default: { backendRefs } }] } as never).map(({ path }) => fieldPath(...path));
};

test('a route of which no destination takes any connection says so', () => {
  expect(places(0, 0)).toEqual(['rules[0].default.backendRefs']);
  for (const weights of [[], [0, 1], [undefined], [0, undefined]]) expect(places(...weights)).toEqual([]);
});
