/**
 *   Prometheus ─► metrics listener ─► metrics cluster ─► sidecar ─► Envoy's statistics, applications
 *                                                           ▲
 *                              sidecar-config listener ─────┘ which applications, which metrics, which labels
 *
 * The sidecar reads its configuration through Envoy, so that it needs no connection of its own to the control plane.
 */
import { metricsConfigPath, metricsSocket, sidecarConfigSocket } from '../../dataplane/sidecar-sockets.ts';
import type { MeshMetric_Conf } from '../../generated/types/kuma/mesh_metric.ts';
import type { ClusterIr, MetricsListenerIr, Origin, ProxyIr, SidecarConfigListenerIr } from '../../ir/index.ts';
import { deepFreeze } from '../../resources/freeze.ts';
import { originsOf } from '../../rules/effective.ts';
import type { Policy, ProxyView } from '../policy.ts';
import { metricLabels } from './labels.ts';
import { prometheusEndpoint, prometheusListener } from './prometheus.ts';
import { type MetricsConfig, metricsConfig } from './sidecar-config.ts';

/** What is measured of proxies and applications, and who can read it. Without a backend nothing is. */
export const meshMetric: Policy<MeshMetric_Conf> = {
  kind: 'MeshMetric',
  merge: { 'sidecar.profiles.appendProfiles': { kind: 'append' } },
  proxy: (proxy, rule, about) => {
    const { conf } = rule;
    // A sidecar that does not say where its folder is cannot be reached.
    if (!conf.backends?.length || about.workDir === '') return proxy;
    return withMetrics(proxy, conf, about, originsOf(rule));
  },
};

function withMetrics(proxy: ProxyIr, conf: MeshMetric_Conf, about: ProxyView, origins: readonly Origin[]): ProxyIr {
  const endpoints = (conf.backends ?? []).flatMap(({ prometheus }) => (prometheus ? prometheusEndpoint(prometheus) : []));
  const opened = endpoints.map((endpoint) => prometheusListener(endpoint, about, origins));
  const listeners = opened.filter((listener): listener is MetricsListenerIr => 'kind' in listener);
  const config = metricsConfig({
    conf,
    address: about.dataplane.spec.networking?.address ?? '127.0.0.1',
    labels: metricLabels(about.dataplane),
    backends: endpoints.length > 0 ? [{ type: 'Prometheus', name: null }] : [],
    warnings: opened.flatMap((listener) => ('missing' in listener ? listener.missing : [])),
  });
  const clusters = new Map(listeners.map(({ cluster }) => [cluster, metricsCluster(cluster, about, origins)]));
  return {
    ...proxy,
    listeners: [...proxy.listeners, ...deepFreeze(listeners), deepFreeze(configListener(config, about, origins))],
    clusters: [...proxy.clusters, ...deepFreeze([...clusters.values()])],
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
