import { hash64 } from '../ir/names.ts';

/**
 * Sockets between a sidecar and its Envoy, in the sidecar's folder. Both ends go by these rules, and so do sidecars and
 * control planes of Kuma: paths of sockets have a limit, so what would be longer is cut.
 */

const longestStem = 98;

/** Where the sidecar serves the metrics of Envoy and of the applications. */
export function metricsSocket({ workDir, name, mesh }: { workDir: string; name: string; mesh: string }): string {
  return socket(`${workDir}/kuma-mh-${name}-${mesh}`);
}

/** Path of the metrics on that socket. */
export const metricsPath = '/meshmetric';

/** Where Envoy serves what the control plane has to say to the sidecar. */
export function sidecarConfigSocket(workDir: string): string {
  return socket(`${workDir}/kuma-mesh-metric-config`);
}

/** Path of what it has to say of metrics. */
export const metricsConfigPath = '/meshmetric';

/** Where the sidecar takes lines of access logs for TCP servers; a named pipe, in spite of its name. */
export function accessLogSocket({ workDir, name, mesh }: { workDir: string; name: string; mesh: string }): string {
  return socket(`${workDir.replace(/\/+$/, '')}/kuma-al-${name}-${mesh}`);
}

/** By which the sidecar reaches a collector; the control plane tells it this path. */
export function collectorSocket(workDir: string, cluster: string): string {
  return socket(`${workDir}/kuma-otel-${hash64(cluster)}`);
}

/** Path of what the control plane has to say of collectors that the sidecar sends to. */
export const otelConfigPath = '/otel';

/** Where the sidecar takes signals for a collector; the control plane tells it this path. */
export function otelForwardSocket(workDir: string, backend: string): string {
  return socket(`${workDir}/kuma-otlp-${hash64(backend)}`);
}

function socket(stem: string): string {
  return `${stem.slice(0, longestStem)}.sock`;
}
