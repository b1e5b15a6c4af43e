import type { AccessLogIr } from './access-log-ir.ts';
import type { SocketAddress } from './listener-ir.ts';

/** Takes what the own service sends to places that are no destination in the mesh; the host redirects it here. */
export interface PassthroughListenerIr {
  readonly kind: 'passthrough';
  readonly name: string;
  readonly address: SocketAddress;
  readonly passes: PassthroughIr;
  /** Of connections whose bytes pass, and of requests where they can be told apart. */
  readonly accessLogs?: { readonly connections: readonly AccessLogIr[]; readonly requests: readonly AccessLogIr[] };
}

export type PassthroughIr =
  /** Everything, to where it was sent; `cluster` leads there. */
  | { readonly kind: 'all'; readonly cluster: string }
  | { readonly kind: 'none' }
  | {
      readonly kind: 'matched';
      /** No two of them match the same. */
      readonly chains: readonly PassthroughChainIr[];
      /** Ports at which nothing has to be read before it is clear where a connection goes: servers there may speak first. */
      readonly unreadPorts: readonly number[];
    };

/**
 * Connections that pass. The most exact chain is taken: first by port, then by address, and then by what is spoken.
 * Chains of the same port do not stand in for each other: one that names the address hides those that do not.
 */
export interface PassthroughChainIr {
  readonly name: string;
  /** Absent: ports that no chain names. */
  readonly port?: number;
  /** Absent: addresses that are in no chain's range. */
  readonly range?: AddressRangeIr;
  readonly carries:
    | { readonly kind: 'plain'; readonly cluster: string }
    /** @property serverName as TLS states it; absent for any */
    | { readonly kind: 'tls'; readonly serverName?: string; readonly cluster: string }
    /** Requests to other hosts are answered here. */
    | { readonly kind: 'requests'; readonly hosts: readonly PassthroughHostIr[] };
}

export interface AddressRangeIr {
  readonly address: string;
  readonly prefixLength: number;
}

export interface PassthroughHostIr {
  /** `*` for any, `*.example.com` for all below. */
  readonly domain: string;
  readonly cluster: string;
}
