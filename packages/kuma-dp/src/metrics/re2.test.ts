import { expect, test } from 'vitest';
import { re2 } from './re2.ts';

const names = ['http_requests', 'http_Errors5', 'job:rate5m', 'x9'];

test.each<[string, number[]]>([
  ['requests', [0]],
  ['\\Ahttp.*5\\z', [1]],
  ['\\Qjob:r\\Eate', [2]],
  ['^\\Qx.', []],
  ['(?i)ERRORS', [1]],
  ['http_(?i)R.*S$', [0]],
  ['job(?i):RATE|ERRORS', [1, 2]],
  ['(job(?i):RATE|x)X?9', [3]],
  ['((?i)HTTP)_R', []],
  ['((?i)HTTP)_r', [0]],
  ['(?i:HTTP)_E', [1]],
  ['(?U)h.*_', [0, 1]],
  ['(?P<a>e)sts', [0]],
  ['\\p{Lu}', [1]],
  ['^\\pL+\\p{Nd}$', [3]],
  ['^[\\p{Latin}_]+$', [0]],
  ['[^\\p{L}\\pN_]', [2]],
  ['\\P{L}\\d', []],
  ['^\\p{^Greek}+$', [0, 1, 2, 3]],
  ['\\p{Greek}', []],
  ['[[:upper:]]', [1]],
  ['[[:^alnum:]_]r', [0, 2]],
  ['[]:]', [2]],
  ['[^][:alnum:]_]', [2]],
  ['[a[]9|x9', [3]],
  ['\\x{3a}rate', [2]],
  ['\\a', []],
  ['[(|)]', []],
])('%s', (expression, matching) => {
  const found = names.flatMap((name, index) => (re2(expression).test(name) ? [index] : []));
  expect(found).toEqual(matching);
});
