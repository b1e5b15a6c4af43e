import { expect, test } from 'vitest';
import { regularExpression } from './regular-expression.ts';

// What Envoy 1.40 says of each, asked by `envoy --mode validate`.
test.each([
  '\\p{Greek}+',
  '\\pL\\PN\\p{^Lu}\\p{Any}',
  '[[:word:][:^alpha:]]',
  '[:alpha:]',
  '[]\\pL\\]-]',
  '\\xff\\x{41}\\x{0ff}',
  '\\Q\\p{Foo}\\E',
  '\\Q[(?=\\E\\Q\\1\\E',
  '\\Q\\_\\x{100}\\E',
  '\\Qab\\E{2}a\\Q\\E*',
  '\\\\p{Foo}[\\\\b]\\\\_',
  'a(?i)b|(?-s)c',
  '(?P<n>a{1000})',
])('%s is a regular expression', (expression) => {
  expect(regularExpression('at', expression)).toEqual([]);
});

test.each([
  ['\\p{Foo}', 'invalid character class range: `\\p{Foo}`'],
  ['[a\\p{Letter}]', 'invalid character class range: `\\p{Letter}`'],
  ['\\pQ', 'invalid character class range: `\\pQ`'],
  ['\\p{L', 'invalid character class range: `\\p{L`'],
  ['\\x{100}', 'invalid escape sequence: `\\x{100}`'],
  ['\\x4g', 'invalid escape sequence: `\\x4g`'],
  ['a\\_', 'invalid escape sequence: `\\_`'],
  ['\\u0041', 'invalid escape sequence: `\\u`'],
  ['(a)\\1', 'invalid escape sequence: `\\1`'],
  ['[\\b]', 'invalid escape sequence: `\\b`'],
  ['[a[:letter:]]', 'invalid character class range: `[:letter:]`'],
  ['[[:alpha:]', 'missing closing ]: `[[:alpha:]`'],
  ['a[]', 'missing closing ]: `[]`'],
  ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
  ['(', 'missing closing ): `(`'],
  ['*a', 'missing argument to repetition operator: `*`'],
  ['a{1001}', 'invalid repeat count: `{1001}`'],
  ['((a{100}){100}){10}', 'invalid repeat count: `{100}`'],
])('%s is none: %s', (expression, problem) => {
  expect(regularExpression('at', expression)).toEqual([
    { field: 'at', reason: `must be a regular expression in RE2's syntax: ${problem}` },
  ]);
});

test('a long expression is read once, however many brackets it opens, and is not repeated as a whole', () => {
  const [problem] = regularExpression('at', '['.repeat(50_000));
  expect(problem!.reason).toMatch(/missing closing \]: `\[+…$/);
  expect(problem!.reason.length).toBeLessThan(300);
  expect(regularExpression('at', `\\Q${'['.repeat(50_000)}\\E`)).toEqual([]);
  expect(regularExpression('at', '('.repeat(20_000))).toHaveLength(1);
});
