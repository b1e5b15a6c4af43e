import { expect, it } from 'vitest';
import { parseAddressRange } from './address-range.ts';

it.each<[string, string | undefined]>([
  ['10.1.2.3', '10.1.2.3/32 ipv4'],
  ['10.1.2.3/8', '10.0.0.0/8 ipv4'],
  ['0.0.0.0/0', '0.0.0.0/0 ipv4'],
  ['::1', '::1/128 ipv6'],
  ['2001:DB8:0:0:1::9/48', '2001:db8::/48 ipv6'],
  ['::ffff:10.0.0.1', '::ffff:a00:1/128 ipv6'],
  ['10.0.0.1/33', undefined],
  ['10.0.0.1/', undefined],
  ['10.0.0.1/8/8', undefined],
  ['10.0.0', undefined],
  ['example.com', undefined],
  ['::1/129', undefined],
])('%s is read as %s', (text, expected) => {
  const range = parseAddressRange(text);
  expect(range && `${range.address}/${range.prefixLength} ${range.family}`).toBe(expected);
});
