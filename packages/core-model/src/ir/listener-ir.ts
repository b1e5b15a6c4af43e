import type { AccessLogIr } from './access-log-ir.ts';
import type { HashPolicyIr } from './load-balancing-ir.ts';
import type { CollectorPipeListenerIr, MetricsListenerIr, SidecarConfigListenerIr } from './metrics-ir.ts';
import type { PassthroughListenerIr } from './passthrough-ir.ts';
import type { PermissionIr } from './permission-ir.ts';
import type { Protocol } from './protocol.ts';
import type { RateIr } from './rate-limit-ir.ts';
import type { WeightedClusterIr } from './route-ir.ts';
import type { TlsParamsIr } from './tls-params-ir.ts';
import type { TracingIr } from './tracing-ir.ts';

export type ListenerIr =
  | InboundListenerIr
  | OutboundListenerIr
  | AdminListenerIr
  | ReadinessListenerIr
  | MetricsListenerIr
  | SidecarConfigListenerIr
  | CollectorPipeListenerIr
  | PassthroughListenerIr;

export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

interface TrafficListener {
  readonly name: string;
  readonly address: SocketAddress;
  /** Shown as `io.kuma.tags` metadata. */
  readonly tags: Readonly<Record<string, string>>;
  readonly handler: HttpHandlerIr | TcpHandlerIr;
}

/** Takes the traffic of other proxies for the own service. */
export interface InboundListenerIr extends TrafficListener {
  readonly kind: 'inbound';
  readonly tls: DownstreamTlsIr;
}

/** Takes the own service's traffic for one destination. */
export interface OutboundListenerIr extends TrafficListener {
  readonly kind: 'outbound';
}

/** Envoy's admin interface at a TCP address: `/ready` in plain text, everything for the control plane over mutual TLS. */
export interface AdminListenerIr {
  readonly kind: 'admin';
  readonly name: string;
  readonly address: SocketAddress;
  readonly cluster: string;
  /** Cluster that answers `/ready`; `cluster` when absent. */
  readonly readyCluster?: string;
  /** PEM of the CA whose client certificates may see everything; absent shuts that door. */
  readonly clientCa?: string;
  /** PEM chain and key that the listener shows. */
  readonly server?: { readonly certificate: string; readonly key: string };
}

/** Answers readiness probes. */
export interface ReadinessListenerIr {
  readonly kind: 'readiness';
  readonly name: string;
  readonly address: SocketAddress;
  readonly cluster: string;
}

export type DownstreamTlsIr = { readonly kind: 'none' } | MutualTlsIr;

export interface MutualTlsIr {
  /** `permissive` takes plain text beside mutual TLS. */
  readonly kind: 'strict' | 'permissive';
  readonly identitySecret: string;
  readonly caSecret: string;
  /** SAN that a client's certificate must begin with, such as `spiffe://default/`. */
  readonly clientSanPrefix: string;
  readonly params?: TlsParamsIr;
}

/** Times are milliseconds; an absent one leaves Envoy's default, 0 switches it off. */
export interface HttpHandlerIr {
  readonly kind: 'http';
  readonly protocol: Protocol;
  readonly statPrefix: string;
  /** Name of the {@link RouteConfigIr}. */
  readonly routeConfig: string;
  /** Sets `x-forwarded-client-cert` from the client's certificate. */
  readonly forwardClientCertificate: boolean;
  readonly timeouts: {
    readonly idle?: number;
    readonly streamIdle?: number;
    readonly maxConnectionDuration?: number;
    readonly requestHeaders?: number;
    readonly request?: number;
  };
  /** In no particular order: the encoder states the one order of filters. */
  readonly filters: readonly HttpFilterIr[];
  /** What happens to connections before there are requests. */
  readonly connectionFilters?: readonly NetworkFilterIr[];
  readonly accessLogs?: readonly AccessLogIr[];
  readonly tracing?: TracingIr;
}

/** A behaviour of requests. More policies add members; each has one encoder file. */
export type HttpFilterIr = PermissionFilterIr | FaultFilterIr | RequestLimitFilterIr;

/** Refuses requests without permission. The permission itself stands at the route config, see {@link RouteConfigIr}. */
export interface PermissionFilterIr {
  readonly kind: 'permission';
}

/** Injects faults where the route config says so, see {@link RouteConfigIr}. */
export interface FaultFilterIr {
  readonly kind: 'fault';
}

/** Refuses requests too many, as the route config says, see {@link RouteConfigIr}. */
export interface RequestLimitFilterIr {
  readonly kind: 'request-limit';
}

export interface TcpHandlerIr {
  readonly kind: 'tcp';
  readonly statPrefix: string;
  readonly clusters: readonly WeightedClusterIr[];
  /** Milliseconds. */
  readonly idleTimeout?: number;
  /** Milliseconds. */
  readonly maxConnectionDuration?: number;
  /** Tries to connect before giving up. */
  readonly maxConnectAttempts?: number;
  readonly hashPolicies?: readonly HashPolicyIr[];
  readonly filters: readonly NetworkFilterIr[];
  readonly accessLogs?: readonly AccessLogIr[];
}

/** A behaviour of connections. More policies add members; each has one encoder file. */
export type NetworkFilterIr =
  | { readonly kind: 'permission'; readonly permission: PermissionIr }
  /** Closes connections too many. */
  | { readonly kind: 'connection-limit'; readonly rate: RateIr };
