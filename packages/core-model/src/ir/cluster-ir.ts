import type { HealthCheckIr } from './health-check-ir.ts';
import type { SocketAddress } from './listener-ir.ts';
import type { LoadBalancerIr, NearnessIr } from './load-balancing-ir.ts';
import type { Protocol } from './protocol.ts';
import type { TlsParamsIr } from './tls-params-ir.ts';

/** A place that requests or connections go to. Times are milliseconds; an absent one leaves Envoy's default, 0 switches it off. */
export interface ClusterIr {
  readonly name: string;
  /** Name in statistics; when absent, the name as `statName` has it. */
  readonly altStatName?: string;
  readonly role: 'application' | 'destination' | 'admin' | 'readiness' | 'collector' | 'metrics' | 'passthrough';
  readonly discovery:
    | {
        readonly kind: 'endpoints';
        /** Name of the EndpointsIr. */
        readonly name: string;
        /** What the endpoints are of: a service, and tags that narrow it. */
        readonly of?: { readonly service: string; readonly tags: Readonly<Record<string, string>> };
      }
    | { readonly kind: 'static'; readonly address: SocketAddress }
    /** A host name that is looked up. */
    | { readonly kind: 'dns'; readonly address: SocketAddress }
    /** Where the connection was going before it was redirected. */
    | { readonly kind: 'original' }
    | { readonly kind: 'pipe'; readonly path: string };
  readonly protocol: Protocol;
  readonly timeouts: {
    readonly connect?: number;
    readonly idle?: number;
    readonly maxStreamDuration?: number;
    readonly maxConnectionDuration?: number;
  };
  /** Whether a connection over HTTP/2 still has somebody at its other end is asked so often, and so long is waited for an answer. */
  readonly keepalive?: { readonly interval: number; readonly timeout: number };
  /** Absent: plain text. */
  readonly tls?: UpstreamTlsIr;
  /** TLS towards a server outside of the mesh. */
  readonly publicTls?: PublicTlsIr;
  readonly limits?: ConnectionLimitsIr;
  readonly outlierDetection?: OutlierDetectionIr;
  /** Percentage of healthy endpoints below which all take traffic. */
  readonly panicThreshold?: number;
  /** Whether none takes traffic then, instead of all. */
  readonly failTrafficOnPanic?: boolean;
  readonly healthCheck?: HealthCheckIr;
  /** Absent: round robin. */
  readonly loadBalancer?: LoadBalancerIr;
  /** Absent: endpoints are alike wherever they are. */
  readonly nearness?: NearnessIr;
}

export interface PublicTlsIr {
  /** What the server's certificate must be for: a host name or an IP address. */
  readonly serverName: string;
  /** Path of the roots on the proxy's host; without it any certificate will do. */
  readonly roots?: string;
}

export interface UpstreamTlsIr {
  readonly identitySecret: string;
  readonly caSecret: string;
  readonly sni: string;
  /** The endpoint must show exactly one of these as a URI SAN. */
  readonly spiffeIds: readonly string[];
  readonly alpn: readonly string[];
  readonly params?: TlsParamsIr;
}

export interface ConnectionLimitsIr {
  readonly connectionPools?: number;
  readonly connections?: number;
  readonly pendingRequests?: number;
  readonly retries?: number;
  readonly requests?: number;
}

export interface OutlierDetectionIr {
  readonly interval?: number;
  readonly baseEjectionTime?: number;
  readonly maxEjectionPercent?: number;
  readonly splitExternalAndLocalErrors?: boolean;
  /** Detectors of failures count so many in a row. */
  readonly totalFailures?: number;
  readonly gatewayFailures?: number;
  readonly localOriginFailures?: number;
  readonly successRate?: {
    readonly minimumHosts?: number;
    readonly requestVolume?: number;
    readonly standardDeviationFactor?: number;
  };
  readonly failurePercentage?: { readonly minimumHosts?: number; readonly requestVolume?: number; readonly threshold?: number };
}
