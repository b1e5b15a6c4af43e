import { isIpAddress } from './addresses.ts';

/** A range of addresses in one spelling: the first address of it, and how many bits of that count. */
export interface AddressRange {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefixLength: number;
}

/** Reads `10.0.0.0/8`, or an address for a range of one. Bits that do not count are taken as zero. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [address = '', length, ...more] = text.split('/');
  if (more.length > 0 || !isIpAddress(address)) return undefined;
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const bits = family === 'ipv4' ? 32 : 128;
  const prefixLength = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (!(prefixLength <= bits)) return undefined;
  const rest = BigInt(bits - prefixLength);
  const first = ((family === 'ipv4' ? ofIpv4(address) : ofIpv6(address)) >> rest) << rest;
  return { family, address: family === 'ipv4' ? toIpv4(first) : toIpv6(first), prefixLength };
}

function ofIpv4(address: string): bigint {
  return address.split('.').reduce((all, octet) => all * 256n + BigInt(octet), 0n);
}

function toIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

function ofIpv6(address: string): bigint {
  const [head = [], tail] = address.split('::').map(groupsOf);
  const missing = tail === undefined ? 0 : 8 - head.length - tail.length;
  return [...head, ...new Array<bigint>(missing).fill(0n), ...(tail ?? [])].reduce((all, group) => all * 65536n + group, 0n);
}

/** The last group may be an IPv4 address, which is two. */
function groupsOf(half: string): bigint[] {
  if (half === '') return [];
  return half.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)];
    const value = ofIpv4(group);
    return [value >> 16n, value & 0xffffn];
  });
}

/** As RFC 5952 writes it, and with it every URL. */
function toIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(16 * (7 - i))) & 0xffffn).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
