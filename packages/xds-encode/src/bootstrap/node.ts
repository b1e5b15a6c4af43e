import type { Node } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/base.ts';
import type { BootstrapParams } from './bootstrap-params.ts';

/** Who the proxy is. The control plane reads all of it again from the first request of each stream; numbers are text. */
export function node(params: BootstrapParams): Node {
  const { mesh, name, service, features, admin, workdir, metadata } = params;
  return {
    id: `${mesh}.${name}`,
    cluster: service,
    metadata: present({
      ...metadata.more,
      'dataplane.admin.port': String(admin.port),
      'dataplane.admin.address': admin.kind === 'tcp' ? admin.address : undefined,
      'dataplane.admin.socketPath': admin.kind === 'socket' ? admin.path : undefined,
      'dataplane.readinessReporter.port': metadata.readinessPort?.toString(),
      'dataplane.dns.port': metadata.dnsPort?.toString(),
      'dataplane.proxyType': 'dataplane',
      'dataplane.resource': metadata.dataplane,
      dynamicMetadata: metadata.dynamicMetadata,
      features,
      ipv6Enabled: metadata.ipv6Enabled,
      metricsCertPath: metadata.metricsCertPath,
      metricsKeyPath: metadata.metricsKeyPath,
      systemCaPath: metadata.systemCaPath,
      version: metadata.version,
      workdir,
    }),
  };
}

function present(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
