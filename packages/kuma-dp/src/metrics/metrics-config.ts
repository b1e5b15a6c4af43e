import { metricsConfigPath } from '@kuma-mesh/core-model/dataplane/sidecar-sockets.ts';
import type {
  MetricsConfig,
  MetricsConfigBackend,
  MetricsConfigBody,
  ScrapedApplication,
} from '@kuma-mesh/core-model/policies/mesh-metric/sidecar-config.ts';
import { fetchText } from './fetch-text.ts';

const timeout = 2_000;

/** What the control plane wants to be done about metrics, as Envoy has it for us. */
export interface MetricsConfigSource {
  /** The one that holds now; undefined where there is none. The same object for as long as it stays the same. */
  current(): Promise<MetricsConfigBody | undefined>;
}

/**
 * @param socket of Envoy's listener, which is there only while a policy wants it
 * @param dataplaneAddress where applications listen whose address is not stated
 */
export function metricsConfigSource(socket: string, dataplaneAddress: string): MetricsConfigSource {
  let known: { readonly etag: string; readonly config: MetricsConfigBody } | undefined;
  return {
    async current() {
      const headers = { host: 'localhost', ...(known && { 'if-none-match': known.etag }) };
      const answer = await fetchText({ socketPath: socket, path: metricsConfigPath }, headers, timeout).catch(absent);
      if (answer?.status === 304) return known?.config;
      if (answer?.status !== 200) {
        known = undefined;
        return undefined;
      }
      if (known === undefined || known.etag !== answer.etag)
        known = { etag: answer.etag ?? '', config: readConfig(answer.body, dataplaneAddress) };
      return known.config;
    },
  };
}

/** No listener, because nobody wants metrics; also its socket, left behind. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET') return undefined;
  throw error;
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
