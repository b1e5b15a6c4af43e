import { collectorSocket } from '../../dataplane/sidecar-sockets.ts';
import type { MeshMetric_OpenTelemetry } from '../../generated/types/kuma/mesh_metric.ts';
import type { CollectorPipeListenerIr, OtelForwardIr } from '../../ir/index.ts';
import { defined } from '../conf-values.ts';
import type { OtelTarget } from '../otel-collector.ts';
import type { ProxyView } from '../policy.ts';
import { metricsCollector } from './collector-address.ts';
import type { MetricsConfigBackend } from './sidecar-config.ts';

/** How the sidecar reaches a collector, and what it is told of it. */
export interface CollectorPieces {
  readonly way: CollectorPipeListenerIr | OtelForwardIr;
  readonly backend: MetricsConfigBackend;
}

/**
 * The sidecar sends through Envoy: that is where names are looked up, TLS is spoken and statistics are kept. Where its
 * environment has a say it sends to itself, as Envoy does with other signals.
 * @param target where the reference leads
 */
export function collectorPieces(
  { endpoint = '', backendRef, refreshInterval = '60s' }: MeshMetric_OpenTelemetry,
  target: OtelTarget | undefined,
  { names, workDir }: Pick<ProxyView, 'names' | 'workDir'>,
): CollectorPieces | undefined {
  const used = backendRef ? target : inlineTarget(endpoint);
  if (used === undefined) return undefined;
  const { name, collector, path } = used;
  const backend = (socket: string): MetricsConfigBackend => ({
    type: 'OpenTelemetry',
    name,
    openTelemetry: { endpoint: socket, ...defined({ path }), refreshInterval },
  });
  const { forward } = collector;
  if (forward) return { way: forward, backend: backend(forward.socket) };
  const cluster = names.metricsCollectorCluster(name);
  const socket = collectorSocket(workDir, cluster);
  return {
    way: {
      kind: 'collector-pipe',
      name: names.metricsCollectorListener(name),
      socket,
      collector: { cluster, ...collector },
    },
    backend: backend(socket),
  };
}

function inlineTarget(endpoint: string): OtelTarget {
  const { address, tls, name } = metricsCollector(endpoint);
  return { name, collector: { address, protocol: 'grpc', tls } };
}
