import { metricsPath } from '../../dataplane/sidecar-sockets.ts';
import type { MeshMetric_Prometheus } from '../../generated/types/kuma/mesh_metric.ts';
import { type MetricsListenerIr, type MetricsTlsIr, spiffeId } from '../../ir/index.ts';
import type { ProxyView } from '../policy.ts';

/** Where a Prometheus finds the metrics of a proxy. */
export interface PrometheusEndpoint {
  /** Name of the client in its own configuration; absent for clients that are not named by any policy. */
  readonly clientId: string | undefined;
  readonly port: number;
  readonly path: string;
  readonly tls: 'Disabled' | 'ProvidedTLS' | 'ActiveMTLSBackend';
}

export function prometheusEndpoint({ clientId, port, path, tls }: MeshMetric_Prometheus): PrometheusEndpoint {
  return { clientId: clientId || undefined, port: port ?? 5670, path: path || '/metrics', tls: tls?.mode ?? 'Disabled' };
}

/** What the proxy opens for it; a reason in words where the policy wants a security that the proxy cannot have. */
export function prometheusListener(
  endpoint: PrometheusEndpoint,
  about: ProxyView,
): MetricsListenerIr | { readonly missing: string } {
  const backend = endpoint.clientId ?? 'default-backend';
  const tls = securedBy(endpoint, about);
  if ('missing' in tls) return tls;
  return {
    kind: 'metrics',
    name: about.names.metricsListener(backend),
    address: { address: about.dataplane.spec.networking?.address ?? '127.0.0.1', port: endpoint.port },
    path: endpoint.path,
    cluster: about.names.metricsCluster(backend),
    clusterPath: metricsPath,
    tls,
  };
}

/** What was to be secured is never opened without. */
function securedBy({ tls, port }: PrometheusEndpoint, about: ProxyView): MetricsTlsIr | { readonly missing: string } {
  const { names, mesh, metricsFiles } = about;
  const closed = `the endpoint for metrics on port ${port} stays closed:`;
  switch (tls) {
    case 'Disabled':
      return { kind: 'none' };
    case 'ProvidedTLS':
      if (!metricsFiles)
        return { missing: `${closed} its tls.mode ProvidedTLS needs --metrics-cert-path and --metrics-key-path of kuma-dp` };
      return { kind: 'files', ...metricsFiles };
    case 'ActiveMTLSBackend':
      if (about.tls === 'off')
        return { missing: `${closed} its tls.mode ActiveMTLSBackend needs mutual TLS, which mesh ${mesh} has not enabled` };
      return {
        kind: 'strict',
        identitySecret: names.identitySecret(mesh),
        caSecret: names.caSecret(mesh),
        clientSanPrefix: spiffeId(mesh, ''),
      };
  }
}
