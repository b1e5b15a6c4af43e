import { metricsConfigPath } from '@kuma-mesh/core-model/dataplane/sidecar-sockets.ts';
import type {
  MetricsConfig,
  MetricsConfigBackend,
  MetricsConfigBody,
  ScrapedApplication,
} from '@kuma-mesh/core-model/policies/mesh-metric/sidecar-config.ts';
import { type Document, sidecarDocument } from '../sidecar-config/document.ts';

/** What the control plane wants to be done about metrics. */
export type MetricsConfigSource = Document<MetricsConfigBody>;

/**
 * @param socket of Envoy's listener
 * @param dataplaneAddress where applications listen whose address is not stated
 */
export function metricsConfigSource(socket: string, dataplaneAddress: string): MetricsConfigSource {
  return sidecarDocument({ socket, path: metricsConfigPath }, (json) => readConfig(json, dataplaneAddress));
}

/** Control planes of Kuma write `null` for lists that are empty, and leave the address to us. */
function readConfig(json: string, dataplaneAddress: string): MetricsConfigBody {
  const { metrics } = (JSON.parse(json) as Loose).observability ?? {};
  const applications: ScrapedApplication[] = (metrics?.applications ?? []).map((application) => ({
    ...application,
    address: application.address || dataplaneAddress,
    path: application.path || '/metrics',
  }));
  return {
    applications,
    backends: metrics?.backends ?? [],
    ...(metrics?.sidecar && { sidecar: metrics.sidecar }),
    extraLabels: metrics?.extraLabels ?? {},
    warnings: metrics?.warnings ?? [],
  };
}

interface Loose {
  readonly observability?: {
    readonly metrics?: Partial<Omit<MetricsConfig['observability']['metrics'], 'applications' | 'backends'>> & {
      readonly applications?: readonly ScrapedApplication[] | null;
      readonly backends?: readonly MetricsConfigBackend[] | null;
    };
  };
}
