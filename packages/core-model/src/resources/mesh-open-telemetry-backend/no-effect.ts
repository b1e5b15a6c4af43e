import type { MeshOpenTelemetryBackend } from '../../generated/types/kuma/mesh_open_telemetry_backend.ts';

/** What of a collector is legal and has no effect: sidecars do not read the environment yet. */
export function unheededEnvironment({ env }: MeshOpenTelemetryBackend): string[] {
  if (env === undefined || env.mode === 'Disabled') return [];
  const heeded = "sidecars do not read OTEL_EXPORTER_OTLP_* of their environment yet, and send where 'spec.endpoint' says";
  return [`field 'spec.env' has no effect: ${heeded}`];
}
