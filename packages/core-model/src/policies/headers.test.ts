import { expect, test } from 'vitest';
import { header } from './headers.ts';

test.each([
  ['yes', false],
  ['100%', false],
  ['50 % of %REQ(x-a)%', false],
  ['%NOTHING%', false],
  ['%KUMA_MESH%', false],
  ['%COMMON_DURATION(x)%', false],
  ['%REQ(x-a)%', true],
  ['100%%', true],
])('a header of %s is a format of Envoy: %s', (value, format) => {
  expect(header({ name: 'x', value })).toEqual({ name: 'x', value, ...(format && { format: true }) });
});
