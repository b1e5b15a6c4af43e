import { expect, test } from 'vitest';
import { regularExpression } from './checks.ts';

// What Envoy 1.40 says of each, asked by `envoy --mode validate`.
test.each([
  '\\p{Greek}+',
  '\\pL\\PN\\p{^Lu}\\p{Any}',
  '[[:word:][:^alpha:]]',
  '[:alpha:]',
  '[]\\pL\\]-]',
  '\\xff\\x{41}',
  '\\Q\\p{Foo}\\E',
  '\\Q[(?=\\E\\Q\\1\\E',
  '\\Qab\\E{2}a\\Q\\E*',
  '\\\\p{Foo}[\\\\b]',
  'a(?i)b|(?-s)c',
])('%s is a regular expression', (expression) => {
  expect(regularExpression('at', expression)).toEqual([]);
});

test.each([
  ['\\p{Foo}', '\\p{Foo}'],
  ['[a\\p{Letter}]', '\\p{Letter}'],
  ['\\pQ', '\\pQ'],
  ['\\p{L', '\\p{L'],
  ['\\p', '\\p'],
  ['\\x{100}', '\\x{100}'],
  ['\\x4g', '\\x4'],
  ['[\\b]', '\\b'],
  ['[a[:letter:]]', '[:letter:]'],
])('%s has something that RE2 does not know: %s', (expression, unknown) => {
  expect(regularExpression('at', expression)).toEqual([
    { field: 'at', reason: `must be a regular expression in RE2's syntax, which has no ${unknown}` },
  ]);
});

test.each(['[[:alpha:]', '[^]', 'a[]'])('the class of characters in %s has no end', (expression) => {
  expect(regularExpression('at', expression)).toEqual([
    { field: 'at', reason: 'must be a regular expression: a class of characters has no end' },
  ]);
});

test('a long expression is read once, however many brackets it opens', () => {
  expect(regularExpression('at', '['.repeat(50_000))).toHaveLength(1);
  expect(regularExpression('at', `\\Q${'['.repeat(50_000)}\\E`)).toEqual([]);
});
