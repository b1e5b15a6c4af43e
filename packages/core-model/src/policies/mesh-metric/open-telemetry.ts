import { collectorSocket } from '../../dataplane/sidecar-sockets.ts';
import type { MeshMetric_OpenTelemetry } from '../../generated/types/kuma/mesh_metric.ts';
import type { CollectorPipeListenerIr, Origin } from '../../ir/index.ts';
import type { ProxyView } from '../policy.ts';
import { metricsCollector } from './collector-address.ts';
import type { MetricsConfigBackend } from './sidecar-config.ts';

/** How the sidecar reaches a collector, and what it is told of it. */
export interface CollectorPieces {
  readonly listener: CollectorPipeListenerIr;
  readonly backend: MetricsConfigBackend;
}

/** The sidecar sends through Envoy: that is where names are looked up, TLS is spoken and statistics are kept. */
export function collectorPieces(
  { endpoint = '', refreshInterval = '60s' }: MeshMetric_OpenTelemetry,
  { names, workDir }: ProxyView,
  origins: readonly Origin[],
): CollectorPieces {
  const { address, tls, name } = metricsCollector(endpoint);
  const cluster = names.metricsCollectorCluster(name);
  const socket = collectorSocket(workDir, cluster);
  return {
    listener: {
      kind: 'collector-pipe',
      name: names.metricsCollectorListener(name),
      socket,
      collector: { cluster, address, protocol: 'grpc', tls },
      origins,
    },
    backend: { type: 'OpenTelemetry', name, openTelemetry: { endpoint: socket, refreshInterval } },
  };
}
