import type { AdminInput, ProxyInput } from '@kuma-mesh/core-model/proxy/index.ts';
import type { ProxyNode } from '../stream/session.ts';

/** What a proxy says of itself that shapes its configuration. */
export type StatedInput = Omit<ProxyInput, 'dataplane'>;

/** What opens Envoy's admin interface at the dataplane's address to the control plane; without it that door is shut. */
export type AdminAccess = Pick<AdminInput, 'clientCa' | 'server'>;

/** A proxy that nobody has seen yet: as if it announced nothing. */
export function unseenInput(zone: string): StatedInput {
  return { zone, features: new Set(), readinessPort: 9902 };
}

/** Reads the node's metadata; numbers in it are text. */
export function statedInput(
  { metadata, features }: Pick<ProxyNode, 'metadata' | 'features'>,
  zone: string,
  adminAccess: AdminAccess = {},
): StatedInput {
  const admin = adminInput(metadata, adminAccess);
  return {
    zone,
    features,
    readinessPort: port(metadata['dataplane.readinessReporter.port']),
    ...(typeof metadata.workdir === 'string' && { workDir: metadata.workdir }),
    ...(typeof metadata.systemCaPath === 'string' && metadata.systemCaPath && { systemCaPath: metadata.systemCaPath }),
    ...(admin && { admin }),
    ...metricsFiles(metadata),
    ...otelEnvironment(metadata),
  };
}

function metricsFiles({ metricsCertPath, metricsKeyPath }: ProxyNode['metadata']): Pick<StatedInput, 'metricsFiles'> {
  const both = typeof metricsCertPath === 'string' && typeof metricsKeyPath === 'string' && metricsCertPath && metricsKeyPath;
  return both ? { metricsFiles: { certificate: metricsCertPath, key: metricsKeyPath } } : {};
}

/** The sidecar says of each variable only that it is there. */
function otelEnvironment({ otelEnv }: ProxyNode['metadata']): Pick<StatedInput, 'otelEnvironment'> {
  if (typeof otelEnv !== 'object' || otelEnv === null) return {};
  const parts = otelEnv as Readonly<Record<string, unknown>>;
  const says = (part: string) =>
    Object.entries(parts[part] ?? {}).some(([key, value]) => key.endsWith('Present') && value === true);
  const signals = { shared: says('shared'), traces: says('traces'), metrics: says('metrics'), logs: says('logs') };
  return { otelEnvironment: signals };
}

function adminInput(metadata: ProxyNode['metadata'], access: AdminAccess): AdminInput | undefined {
  const adminPort = port(metadata['dataplane.admin.port']);
  if (adminPort === 0) return undefined;
  const path = metadata['dataplane.admin.socketPath'];
  if (typeof path === 'string' && path !== '') return { ...access, port: adminPort, at: { kind: 'pipe', path } };
  const address = metadata['dataplane.admin.address'];
  return {
    ...access,
    port: adminPort,
    at: { kind: 'address', address: typeof address === 'string' && address !== '' ? address : '127.0.0.1', port: adminPort },
  };
}

function port(value: unknown): number {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : 0;
  return Number.isInteger(number) && number > 0 && number < 65536 ? number : 0;
}
