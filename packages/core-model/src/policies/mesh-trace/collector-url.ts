import type { SocketAddress } from '../../ir/index.ts';

/** A collector as its URL says. */
export interface CollectorUrl {
  readonly address: SocketAddress;
  readonly tls: boolean;
  /** With the query; empty where the URL has none, or just a slash. */
  readonly path: string;
  /** What the URL says beyond that. */
  readonly more: readonly ('user' | 'query' | 'fragment')[];
  readonly statesPort: boolean;
}

/** @returns undefined for what is no http:// or https:// URL with a host, and for port 0 */
export function readCollectorUrl(text: string): CollectorUrl | undefined {
  if (!/^https?:\/\/[^/?#]/.test(text) || /\s/.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, hostname, port, pathname, search, username, password, hash } = new URL(text);
  if (port === '0') return undefined;
  const tls = protocol === 'https:';
  return {
    address: { address: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? (tls ? 443 : 80) : Number(port) },
    tls,
    path: (pathname === '/' ? '' : pathname) + search,
    more: [
      ...(username || password ? (['user'] as const) : []),
      ...(search ? (['query'] as const) : []),
      ...(hash ? (['fragment'] as const) : []),
    ],
    // A URL that states its scheme's own port is parsed as if it did not.
    statesPort: /^https?:\/\/[^/?#]*:\d+([/?#]|$)/.test(text),
  };
}
