import { join } from 'node:path/posix';
import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import type {
  AdminAddress,
  BootstrapParams,
  ControlPlaneAddress,
  TokenSource,
} from '@kuma-mesh/xds-encode/bootstrap/bootstrap-params.ts';
import type { BootstrapRequest } from './bootstrap-request.ts';
import type { BootstrapSettings } from './bootstrap-settings.ts';

export interface BootstrapInput {
  readonly asked: BootstrapRequest;
  readonly dataplane: ResourceDraft<Dataplane>;
  readonly controlPlane: ControlPlaneAddress;
  readonly settings: BootstrapSettings;
}

/** What a valid request, a Dataplane and the settings make of a proxy's bootstrap. */
export function bootstrapParams({ asked, dataplane, controlPlane, settings }: BootstrapInput): BootstrapParams {
  const { networking } = dataplane.spec;
  return {
    mesh: asked.mesh,
    name: asked.name || dataplane.name,
    service: serviceOf(dataplane.spec) ?? dataplane.name,
    features: asked.features,
    controlPlane,
    token: tokenSource(asked, settings),
    admin: adminAddress(asked.workdir, networking?.admin?.port || settings.adminPort, settings),
    workdir: asked.workdir,
    delta: asked.features.includes('feature-delta-grpc'),
    healthDiscovery: settings.healthDiscovery,
    ...(asked.maxHeapSizeBytes > 0 && { maxHeapSizeBytes: asked.maxHeapSizeBytes }),
    metadata: {
      ...(asked.dataplaneResource && { dataplane: asked.dataplaneResource }),
      readinessPort: asked.readinessPort || settings.readinessPort,
      ...(asked.dnsPort > 0 && { dnsPort: asked.dnsPort }),
      dynamicMetadata: asked.dynamicMetadata,
      version: asked.version,
      ipv6Enabled: asked.ipv6Enabled,
      ...(asked.systemCaPath && { systemCaPath: asked.systemCaPath }),
      ...(asked.metricsResources.certPath && { metricsCertPath: asked.metricsResources.certPath }),
      ...(asked.metricsResources.keyPath && { metricsKeyPath: asked.metricsResources.keyPath }),
      more: more(asked),
    },
  };
}

function more(asked: BootstrapRequest): Readonly<Record<string, unknown>> {
  return {
    ...(asked.operatingSystem && { operatingSystem: asked.operatingSystem }),
    ...(asked.otelEnv !== undefined && asked.otelEnv !== null && { otelEnv: asked.otelEnv }),
    ...(asked.dataplaneConfig !== undefined && { dataplaneConfig: asked.dataplaneConfig }),
    ...(asked.appProbeProxyDisabled && { 'dataplane.appProbeProxyEnabled': 'true' }),
    ...(asked.spireSocketPath && { 'dataplane.spire.socketPath': asked.spireSocketPath }),
  };
}

function serviceOf({ networking }: Dataplane): string | undefined {
  const tags = [networking?.gateway?.tags, ...(networking?.inbound ?? []).map((inbound) => inbound.tags)];
  return tags.find((each) => each?.['kuma.io/service'])?.['kuma.io/service'];
}

function tokenSource(asked: BootstrapRequest, settings: BootstrapSettings): TokenSource {
  if (settings.reloadableTokens && asked.dataplaneTokenPath) {
    return { kind: 'file', path: asked.dataplaneTokenPath };
  }
  return asked.dataplaneToken ? { kind: 'inline', token: asked.dataplaneToken } : { kind: 'none' };
}

function adminAddress(workdir: string, port: number, settings: BootstrapSettings): AdminAddress {
  return settings.adminUnixSocket && workdir
    ? { kind: 'socket', path: join(workdir, 'kuma-envoy-admin.sock'), port }
    : { kind: 'tcp', address: settings.adminAddress, port };
}
