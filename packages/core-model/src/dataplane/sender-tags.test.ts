import { expect, test } from 'vitest';
import { senderTags, senderTagsPattern } from './sender-tags.ts';

const value = senderTags([
  { 'kuma.io/service': 'web', version: 'v2' },
  { 'kuma.io/service': 'web-admin', version: 'v10' },
]);

test.each<[string, string, boolean]>([
  ['kuma.io/service', 'web', true],
  ['kuma.io/service', 'web-admin', true],
  ['kuma.io/service', 'admin', false],
  ['version', 'v1', false],
  ['version', '*', true],
  ['service', '*', false],
  ['kuma-io/service', 'web', false],
])('a sender with two inbounds has %s=%s: %s', (tag, wanted, has) => {
  expect(new RegExp(`^${senderTagsPattern(tag, wanted)}$`).test(value)).toBe(has);
});

test('the value does not depend on the order of tags', () => {
  expect(senderTags([{ b: '1', a: '2' }])).toBe(senderTags([{ a: '2' }, { b: '1' }]));
});
