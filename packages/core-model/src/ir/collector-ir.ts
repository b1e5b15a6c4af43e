import type { SocketAddress } from './listener-ir.ts';

/** Takes logs, traces or metrics of proxies. The cluster of that name is made of it. */
export interface CollectorIr {
  readonly cluster: string;
  /** A host name or an IP address. */
  readonly address: SocketAddress;
  readonly protocol: 'http' | 'grpc';
  /** Whether it speaks TLS, with a certificate that the host's own roots vouch for. */
  readonly tls: boolean;
}
