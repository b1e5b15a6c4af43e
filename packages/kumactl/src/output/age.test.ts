import { expect, test } from 'vitest';
import { age } from './age.ts';

const now = Date.parse('2026-01-02T00:00:00Z');

test.each([
  ['2026-01-01T23:59:55Z', '5s'],
  ['2026-01-01T23:58:01Z', '1m'],
  ['2026-01-01T20:00:00Z', '4h'],
  ['2025-12-30T00:00:00Z', '3d'],
  ['2026-01-02T00:00:09Z', '0s'],
  [undefined, 'never'],
  ['yesterday', 'unknown'],
])('the time since %s reads %s', (since, expected) => {
  expect(age(since, now)).toBe(expected);
});
