const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = new RegExp(`^${octet}(\\.${octet}){3}$`);
const hostLabel = /^[A-Za-z0-9_]([-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?$/;

/** IPv4 in dotted form, or IPv6. */
export function isIpAddress(text: string): boolean {
  return ipv4.test(text) || isIpv6(text);
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const all = groups.flat();
  const tail = all.at(-1);
  const embedded = tail !== undefined && ipv4.test(tail);
  const hex = embedded ? all.slice(0, -1) : all;
  const count = hex.length + (embedded ? 2 : 0);
  return hex.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) && (halves.length === 2 ? count < 8 : count === 8);
}

/** A DNS name; anything that looks like a bad IPv4 address is none. */
export function isHostName(text: string): boolean {
  const labels = text.split('.');
  return text.length <= 253 && labels.every((label) => hostLabel.test(label)) && !labels.every((label) => /^\d+$/.test(label));
}

/** 0.0.0.0 and ::, which stand for all addresses and reach none. */
export function isUnspecified(text: string): boolean {
  return text === '0.0.0.0' || (/^[0:]+$/.test(text) && isIpv6(text));
}
