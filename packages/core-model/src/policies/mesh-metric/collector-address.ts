import { isHostName, isIpAddress } from '../../resources/addresses.ts';

export interface CollectorAddress {
  readonly host: string;
  readonly port: number;
}

const otlpPort = 4317;

/** Reads `host`, `host:port` or `http://host:port`; undefined where the text is none of them. */
export function parseCollectorAddress(endpoint: string): CollectorAddress | undefined {
  const rest = endpoint.replace(/^http:\/\//, '').replace(/\/$/, '');
  const match = /^(?:\[(?<ipv6>[^\]]+)\]|(?<host>[^:/[\]]+))(?::(?<port>\d{1,5}))?$/.exec(rest);
  const host = match?.groups?.ipv6 ?? match?.groups?.host;
  const port = Number(match?.groups?.port ?? otlpPort);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  return isIpAddress(host) || isHostName(host) ? { host, port } : undefined;
}
