import { expect, it } from 'vitest';
import { duration } from './values.ts';

it.each([
  ['stays absent', undefined, undefined],
  ['of zero switches off', 0, { seconds: 0, nanos: 0 }],
  ['under a millisecond is one, as Envoy would have none otherwise', 0.1, { seconds: 0, nanos: 1_000_000 }],
  ['keeps its fractions of a millisecond', 1.5, { seconds: 0, nanos: 1_500_000 }],
  ['is split into seconds and nanoseconds', 61_250, { seconds: 61, nanos: 250_000_000 }],
])('a time %s', (_, milliseconds, expected) => {
  expect(duration(milliseconds)).toEqual(expected);
});
