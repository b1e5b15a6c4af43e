import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { jsonBody } from './json-body.ts';

test.each([
  ['', /empty/],
  ['{"a":', /ends too early/],
  ['{"a":NaN}', /value that JSON does not know/],
  ['\u001f\u008b', /another format/],
  ['{"a":1 "b"}', /wrong at position 7/],
])('a body %j is refused for what is wrong with it', (body, reason) => {
  expect(() => jsonBody({ body } as FastifyRequest)).toThrow(reason);
});

test('what a body says is in no message', () => {
  expect(() => jsonBody({ body: '{"data": s3cret}' } as FastifyRequest)).toThrow(/^(?!.*s3cret)/);
});
