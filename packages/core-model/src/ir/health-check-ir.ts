import type { HeaderChangesIr } from './route-ir.ts';

/** Probes of the endpoints of a cluster. Times are milliseconds; absent leaves Envoy's default. */
export interface HealthCheckIr {
  readonly probe: HealthProbeIr;
  readonly interval: number;
  readonly timeout: number;
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
  readonly initialJitter?: number;
  readonly intervalJitter?: number;
  readonly intervalJitterPercent?: number;
  /** Instead of the interval until the cluster is used for the first time. */
  readonly noTrafficInterval?: number;
  readonly reuseConnection?: boolean;
  /** File for what becomes unhealthy and healthy. */
  readonly eventLog?: string;
  readonly logEveryFailure?: boolean;
}

export type HealthProbeIr =
  /** Bytes are base64. */
  | { readonly kind: 'tcp'; readonly send?: string; readonly receive: readonly string[] }
  | {
      readonly kind: 'http';
      readonly path: string;
      /** None: 200 alone. */
      readonly expectedStatuses: readonly number[];
      readonly headers: HeaderChangesIr;
    }
  | { readonly kind: 'grpc'; readonly service?: string; readonly authority?: string };
