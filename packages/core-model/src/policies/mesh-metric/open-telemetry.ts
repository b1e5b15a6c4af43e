import { collectorSocket } from '../../dataplane/sidecar-sockets.ts';
import type { MeshMetric_OpenTelemetry } from '../../generated/types/kuma/mesh_metric.ts';
import type { CollectorPipeListenerIr, Origin, SocketAddress } from '../../ir/index.ts';
import { defined } from '../conf-values.ts';
import { type OtelCollector, signalPath } from '../otel-collector.ts';
import type { ProxyView } from '../policy.ts';
import { metricsCollector } from './collector-address.ts';
import type { MetricsConfigBackend } from './sidecar-config.ts';

/** How the sidecar reaches a collector, and what it is told of it. */
export interface CollectorPieces {
  readonly listener: CollectorPipeListenerIr;
  readonly backend: MetricsConfigBackend;
}

interface MetricsCollectorAt {
  readonly address: SocketAddress;
  readonly protocol: 'grpc' | 'http';
  readonly tls: boolean;
  /** Of the backend; no two of a proxy may have the same. */
  readonly name: string;
  /** Over HTTP. */
  readonly path?: string | undefined;
}

/** The sidecar sends through Envoy: that is where names are looked up, TLS is spoken and statistics are kept. */
export function collectorPieces(
  { endpoint = '', backendRef, refreshInterval = '60s' }: MeshMetric_OpenTelemetry,
  { names, workDir, collectorOf }: ProxyView,
  origins: readonly Origin[],
): CollectorPieces | undefined {
  const collector = backendRef ? referred(collectorOf(backendRef)) : inline(endpoint);
  if (collector === undefined) return undefined;
  const { address, protocol, tls, name, path } = collector;
  const cluster = names.metricsCollectorCluster(name);
  const socket = collectorSocket(workDir, cluster);
  return {
    listener: {
      kind: 'collector-pipe',
      name: names.metricsCollectorListener(name),
      socket,
      collector: { cluster, address, protocol, tls },
      origins,
    },
    backend: { type: 'OpenTelemetry', name, openTelemetry: { endpoint: socket, ...defined({ path }), refreshInterval } },
  };
}

function inline(endpoint: string): MetricsCollectorAt {
  return { ...metricsCollector(endpoint), protocol: 'grpc' };
}

function referred(collector: OtelCollector | undefined): MetricsCollectorAt | undefined {
  return collector && { ...collector, path: signalPath(collector, 'metrics') };
}
