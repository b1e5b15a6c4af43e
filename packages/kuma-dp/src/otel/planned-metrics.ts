import type { MetricsConfigBackend } from '@kuma-mesh/core-model/policies/mesh-metric/sidecar-config.ts';
import type { OtelConfig } from '@kuma-mesh/core-model/policies/otel-config.ts';

/** Collectors that control planes of Kuma name for metrics here alone; they are sent to as the others are. */
export function plannedMetrics(config: OtelConfig | undefined): readonly MetricsConfigBackend[] {
  return (config?.backends ?? []).flatMap(({ name, socketPath, metrics }): readonly MetricsConfigBackend[] => {
    if (metrics?.enabled !== true) return [];
    const openTelemetry = { endpoint: socketPath, refreshInterval: metrics.refreshInterval || '60s' };
    return [{ type: 'OpenTelemetry', name, openTelemetry }];
  });
}
