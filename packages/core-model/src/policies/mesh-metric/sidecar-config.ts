import type { MeshMetric_Conf, MeshMetric_Sidecar } from '../../generated/types/kuma/mesh_metric.ts';

/** What a sidecar is told of metrics, as JSON. Its shape is Kuma's, whose sidecars read it too; these pass over `path` and `warnings`. */
export interface MetricsConfig {
  readonly observability: { readonly metrics: MetricsConfigBody };
}

export interface MetricsConfigBody {
  readonly applications: readonly ScrapedApplication[];
  readonly backends: readonly MetricsConfigBackend[];
  readonly sidecar?: MeshMetric_Sidecar;
  /** Labels of every metric. */
  readonly extraLabels: Readonly<Record<string, string>>;
  /** What of the policy cannot be had on this proxy; for the sidecar's log. */
  readonly warnings?: readonly string[];
}

export interface ScrapedApplication {
  readonly name?: string;
  readonly address: string;
  readonly port: number;
  readonly path: string;
}

export type MetricsConfigBackend =
  | { readonly type: 'Prometheus'; readonly name: null }
  | {
      readonly type: 'OpenTelemetry';
      readonly name: string;
      readonly openTelemetry: {
        /** Path of a socket that leads there. */
        readonly endpoint: string;
        /** Where the collector takes metrics over HTTP; it takes gRPC when absent. */
        readonly path?: string;
        /** A duration in text. */
        readonly refreshInterval: string;
      };
    };

export interface ConfigInput {
  readonly conf: MeshMetric_Conf;
  /** Of the Dataplane; where applications listen that say nothing else. */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly backends: readonly MetricsConfigBackend[];
  readonly warnings: readonly string[];
}

export function metricsConfig({ conf, address, labels, backends, warnings }: ConfigInput): MetricsConfig {
  const applications = (conf.applications ?? []).map((application) => ({
    ...(application.name && { name: application.name }),
    address: application.address || address,
    port: application.port ?? 0,
    path: absolutePath(application.path || '/metrics'),
  }));
  const metrics = {
    applications,
    backends,
    ...(conf.sidecar && { sidecar: conf.sidecar }),
    extraLabels: labels,
    ...(warnings.length > 0 && { warnings }),
  };
  return { observability: { metrics } };
}

/** Applications' paths may be without their first slash, as Kuma takes them. */
export function absolutePath(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
