import { expect, test } from 'vitest';
import { mostRepetitions } from './repetitions.ts';

test.each([
  ['abc', 1],
  ['a{5}', 5],
  ['a{2,}b{3,7}', 7],
  ['(a{10})b{30}', 30],
  ['(a{10}b{4}){30}', 300],
  ['((a{1000}){1000}){10}', 10_000_000],
  ['(?:x(a{20})y){3}(z{5}){2}', 60],
  ['\\({5}[(]{6}[])]{7}', 7],
  ['a{0}', 1],
  ['(a{9}))){2}', 9],
])('%s repeats its innermost part %d times at most', (expression, most) => {
  expect(mostRepetitions(expression)).toBe(most);
});
