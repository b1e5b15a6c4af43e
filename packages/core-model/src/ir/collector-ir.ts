import type { SocketAddress } from './listener-ir.ts';

/** Takes logs, traces or metrics of proxies. The cluster of that name is made of it. */
export interface CollectorIr {
  readonly cluster: string;
  /** A host name or an IP address. */
  readonly address: SocketAddress;
  readonly protocol: 'http' | 'grpc';
  /** Whether it speaks TLS, with a certificate that the host's own roots vouch for. */
  readonly tls: boolean;
  /** The sidecar stands between, which the cluster leads to. */
  readonly forward?: OtelForwardIr;
}

/** What the sidecar is told of a collector that it sends to in place of the proxy. */
export interface OtelForwardIr {
  readonly name: string;
  readonly socket: string;
  /** Absent: the proxy's own. */
  readonly host?: string;
  readonly port: number;
  readonly protocol: 'http' | 'grpc';
  readonly tls: boolean;
  readonly basePath: string;
  /** How variables of the sidecar's environment count. */
  readonly env: {
    readonly mode: 'Optional' | 'Required';
    readonly precedence: 'ExplicitFirst' | 'EnvFirst';
    readonly allowSignalOverrides: boolean;
  };
}
