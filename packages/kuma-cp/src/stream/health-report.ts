import { type EndpointHealthResponse, HealthStatus } from '@kuma-mesh/envoy-api/health-discovery.ts';

/** Who takes part of the traffic, or is not known to take none. */
const healthy: ReadonlySet<number> = new Set([HealthStatus.UNKNOWN, HealthStatus.HEALTHY, HealthStatus.DEGRADED]);

/** Whether the endpoints of each cluster are healthy; ours have one each. */
export function healthByCheck({ clusterEndpointsHealth = [] }: EndpointHealthResponse): ReadonlyMap<string, boolean> {
  const health = new Map<string, boolean>();
  for (const { clusterName = '', localityEndpointsHealth = [] } of clusterEndpointsHealth) {
    const endpoints = localityEndpointsHealth.flatMap(({ endpointsHealth = [] }) => endpointsHealth);
    if (endpoints.length > 0) {
      health.set(
        clusterName,
        endpoints.every(({ healthStatus = HealthStatus.UNKNOWN }) => healthy.has(healthStatus)),
      );
    }
  }
  return health;
}
