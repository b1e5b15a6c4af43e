import { expect, test } from 'vitest';
import { kibibytesPerSecond } from './bandwidth.ts';

test.each([
  ['50kbps', 50],
  ['3 Mbps', 3000],
  ['1Gbps', 1_000_000],
  ['5000bps', 5],
  ['1bps', 1],
  ['0kbps', undefined],
  ['1.5Mbps', undefined],
  ['50', undefined],
  ['5Tbps', undefined],
])('%s is %s KiB a second', (text, expected) => {
  expect(kibibytesPerSecond(text)).toBe(expected);
});
