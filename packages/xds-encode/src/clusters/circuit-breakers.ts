import type { ConnectionLimitsIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { CircuitBreakers } from '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/circuit_breaker.ts';

/** Absent limits stay Envoy's: 1024 connections, pending requests and requests, three retries. */
export function circuitBreakers(limits: ConnectionLimitsIr): CircuitBreakers {
  return {
    thresholds: [
      {
        maxConnectionPools: limits.connectionPools,
        maxConnections: limits.connections,
        maxPendingRequests: limits.pendingRequests,
        maxRequests: limits.requests,
        maxRetries: limits.retries,
        // For who wants to know before a limit is reached; Envoy does not count it by itself.
        trackRemaining: true,
      },
    ],
  };
}
