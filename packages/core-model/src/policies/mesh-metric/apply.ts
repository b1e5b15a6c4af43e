/**
 *   Prometheus ─► metrics listener ─► metrics cluster ─► sidecar ─► Envoy's statistics, applications
 *                                                         │   ▲
 *                    collector ◄─ collector-pipe listener ◄   └─ sidecar-config listener: which applications, which
 *                                                                metrics, which labels, how often to which collectors
 *
 * The sidecar reads its configuration through Envoy, so that it needs no connection of its own to the control plane.
 */
import { metricsConfigPath, metricsSocket, sidecarConfigSocket } from '../../dataplane/sidecar-sockets.ts';
import type { MeshMetric_Conf } from '../../generated/types/kuma/mesh_metric.ts';
import type {
  ClusterIr,
  CollectorPipeListenerIr,
  ListenerIr,
  MetricsListenerIr,
  OtelForwardIr,
  SidecarConfigListenerIr,
} from '../../ir/index.ts';
import { deepFreeze } from '../../resources/freeze.ts';
import type { OtelTarget } from '../otel-collector.ts';
import type { Policy, ProxyView } from '../policy.ts';
import { shapedBy } from '../shaped-by.ts';
import { metricLabels } from './labels.ts';
import { collectorPieces } from './open-telemetry.ts';
import { prometheusEndpoint, prometheusListener } from './prometheus.ts';
import { type MetricsConfig, metricsConfig } from './sidecar-config.ts';

/** What is measured of proxies and applications, and who gets it. Without a backend nothing is. */
export const meshMetric: Policy<MeshMetric_Conf> = {
  kind: 'MeshMetric',
  merge: { 'sidecar.profiles.appendProfiles': { kind: 'append' } },
  proxy: (proxy, rule, about) => {
    // A sidecar that does not say where its folder is cannot be reached.
    if (!rule.conf.backends?.length || about.workDir === '') return proxy;
    const { memo, dataplane, names, workDir, tls, metricsFiles, otelTarget } = about;
    const refs = rule.conf.backends.map(({ openTelemetry }) => openTelemetry?.backendRef);
    const all = refs.filter((ref) => ref !== undefined);
    const targets = refs.map((ref) => ref && otelTarget(ref, 'metrics', all));
    const inputs = [rule, dataplane, names, workDir, tls, metricsFiles?.certificate, metricsFiles?.key, ...targets];
    const { listeners, clusters } = memo.once('metrics', inputs, () => deepFreeze(pieces(rule.conf, targets, about)));
    return {
      ...proxy,
      listeners: [...proxy.listeners, ...listeners],
      clusters: [...proxy.clusters, ...clusters],
      ...shapedBy(rule, proxy, { listeners, clusters }),
    };
  },
};

interface Pieces {
  readonly listeners: readonly ListenerIr[];
  readonly clusters: readonly ClusterIr[];
}

/** @param targets of those backends that refer to a collector, at their places */
function pieces(conf: MeshMetric_Conf, targets: readonly (OtelTarget | undefined)[], about: ProxyView): Pieces {
  const { backends = [] } = conf;
  const endpoints = backends.flatMap(({ prometheus }) => (prometheus ? prometheusEndpoint(prometheus) : []));
  const opened = endpoints.map((endpoint) => prometheusListener(endpoint, about));
  const doors = opened.filter((listener): listener is MetricsListenerIr => 'kind' in listener);
  const collectors = backends
    .flatMap(({ openTelemetry }, i) => (openTelemetry && collectorPieces(openTelemetry, targets[i], about)) ?? [])
    // Two references can mean the same collector.
    .filter(({ backend: { name } }, i, all) => all.findIndex(({ backend }) => backend.name === name) === i);
  const config = metricsConfig({
    conf,
    address: about.dataplane.spec.networking?.address ?? '127.0.0.1',
    labels: metricLabels(about.dataplane),
    backends: [
      ...(endpoints.length > 0 ? [{ type: 'Prometheus' as const, name: null }] : []),
      ...collectors.map(({ backend }) => backend),
    ],
    warnings: opened.flatMap((listener) => ('missing' in listener ? listener.missing : [])),
  });
  const ways = collectors.map(({ way }) => way);
  const pipes = ways.filter((way): way is CollectorPipeListenerIr => 'kind' in way);
  const forwards = ways.filter((way): way is OtelForwardIr => !('kind' in way));
  return {
    listeners: [...doors, ...pipes, configListener(config, forwards, about)],
    clusters: [...new Set(doors.map(({ cluster }) => cluster))].map((name) => metricsCluster(name, about)),
  };
}

function metricsCluster(name: string, { workDir, dataplane }: ProxyView): ClusterIr {
  const socket = metricsSocket({ workDir, name: dataplane.name, mesh: dataplane.mesh });
  return {
    name,
    role: 'metrics',
    discovery: { kind: 'pipe', path: socket },
    protocol: 'http',
    timeouts: { connect: 5_000 },
  };
}

function configListener(
  config: MetricsConfig,
  forwards: readonly OtelForwardIr[],
  { names, workDir }: ProxyView,
): SidecarConfigListenerIr {
  return {
    kind: 'sidecar-config',
    name: names.sidecarConfig,
    socket: sidecarConfigSocket(workDir),
    documents: [{ path: metricsConfigPath, body: JSON.stringify(config) }],
    ...(forwards.length > 0 && { forwards }),
  };
}
