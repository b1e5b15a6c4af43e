import { expect, test } from 'vitest';
import { literalBeginning } from './literal-beginning.ts';

test.each([
  ['/api/v[0-9]+', '/api/v'],
  ['^/api/.*$', '/api/'],
  ['/a\\.b/\\d+', '/a.b/'],
  ['/api/?', '/api'],
  ['/api/{2}x', '/api'],
  ['/ap+/x', '/ap'],
  ['/a|/b', ''],
  ['(?i)/api/x', ''],
  ['/a/(?:b|c)', ''],
  ['.*', ''],
])('what %s matches begins with "%s"', (expression, text) => {
  expect(literalBeginning(expression)).toBe(text);
});
