import type { SocketAddress } from '../ir/index.ts';
import { isHostName, isIpAddress } from '../resources/addresses.ts';

/** Where collectors of OpenTelemetry take gRPC. */
export const defaultCollectorPort = 4317;

/** `host:port`, or a host alone; an IPv6 address with a port stands in brackets. */
export function collectorAt(text: string, defaultPort: number): SocketAddress {
  return parseAddress(text, defaultPort) ?? { address: text, port: defaultPort };
}

/** @returns what an address should be, when it is not; without a default, the port must be there */
export function addressProblem(text: string, defaultPort?: number): string | undefined {
  if (parseAddress(text, defaultPort)) return undefined;
  const expected = defaultPort === undefined ? 'host:port' : 'host or host:port';
  return `must be ${expected}, such as collector:${defaultPort ?? 5000}; got ${JSON.stringify(text)}`;
}

function parseAddress(text: string, defaultPort: number | undefined): SocketAddress | undefined {
  if (isIpAddress(text) && defaultPort !== undefined) return { address: text, port: defaultPort };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? '';
  const port = digits === undefined ? defaultPort : Number(digits);
  const isHost = bracketed === undefined ? isHostName(address) || isIpAddress(address) : isIpAddress(address);
  return isHost && port !== undefined && port >= 1 && port <= 65_535 ? { address, port } : undefined;
}
