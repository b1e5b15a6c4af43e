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
import type { ClusterIr, ListenerIr, MetricsListenerIr, Origin, SidecarConfigListenerIr } from '../../ir/index.ts';
import { deepFreeze } from '../../resources/freeze.ts';
import { originsOf } from '../../rules/effective.ts';
import type { Policy, ProxyView } from '../policy.ts';
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
    const { memo, dataplane, names, workDir, tls, metricsFiles, collectorOf } = about;
    const referred = rule.conf.backends.map(({ openTelemetry: { backendRef } = {} }) => backendRef && collectorOf(backendRef));
    const inputs = [rule, dataplane, names, workDir, tls, metricsFiles?.certificate, metricsFiles?.key, ...referred];
    const { listeners, clusters } = memo.once('metrics', inputs, () => deepFreeze(pieces(rule.conf, about, originsOf(rule))));
    return { ...proxy, listeners: [...proxy.listeners, ...listeners], clusters: [...proxy.clusters, ...clusters] };
  },
};

interface Pieces {
  readonly listeners: readonly ListenerIr[];
  readonly clusters: readonly ClusterIr[];
}

function pieces(conf: MeshMetric_Conf, about: ProxyView, origins: readonly Origin[]): Pieces {
  const { backends = [] } = conf;
  const endpoints = backends.flatMap(({ prometheus }) => (prometheus ? prometheusEndpoint(prometheus) : []));
  const opened = endpoints.map((endpoint) => prometheusListener(endpoint, about, origins));
  const doors = opened.filter((listener): listener is MetricsListenerIr => 'kind' in listener);
  const collectors = backends
    .flatMap(({ openTelemetry }) => (openTelemetry && collectorPieces(openTelemetry, about, origins)) ?? [])
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
  return {
    listeners: [...doors, ...collectors.map(({ listener }) => listener), configListener(config, about, origins)],
    clusters: [...new Set(doors.map(({ cluster }) => cluster))].map((name) => metricsCluster(name, about, origins)),
  };
}

function metricsCluster(name: string, { workDir, dataplane }: ProxyView, origins: readonly Origin[]): ClusterIr {
  const socket = metricsSocket({ workDir, name: dataplane.name, mesh: dataplane.mesh });
  return {
    name,
    altStatName: name.replaceAll(':', '_'),
    role: 'metrics',
    discovery: { kind: 'pipe', path: socket },
    protocol: 'http',
    timeouts: { connect: 5_000 },
    origins,
  };
}

function configListener(
  config: MetricsConfig,
  { names, workDir }: ProxyView,
  origins: readonly Origin[],
): SidecarConfigListenerIr {
  return {
    kind: 'sidecar-config',
    name: names.sidecarConfig,
    socket: sidecarConfigSocket(workDir),
    documents: [{ path: metricsConfigPath, body: JSON.stringify(config) }],
    origins,
  };
}
