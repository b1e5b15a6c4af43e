/** The two ends of a connection, as its socket tells them. */
export interface Peers {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
}

/**
 * Whether a connection was made on this very host: over loopback, or from an address of the host to the same address,
 * which is what a host does that calls itself by its own address.
 */
export function isSameHost({ remoteAddress, localAddress }: Peers): boolean {
  if (!remoteAddress) return false;
  const remote = plainAddress(remoteAddress);
  if (remote === '::1' || /^127\.\d+\.\d+\.\d+$/.test(remote)) return true;
  return localAddress !== undefined && plainAddress(localAddress) === remote;
}

/** IPv4 addresses come as `::ffff:192.0.2.1` on a socket that listens on both families. */
function plainAddress(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
}
