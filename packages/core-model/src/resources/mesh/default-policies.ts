import type { MeshCircuitBreaker } from '../../generated/types/kuma/mesh_circuit_breaker.ts';
import type { MeshRetry } from '../../generated/types/kuma/mesh_retry.ts';
import type { MeshTimeout } from '../../generated/types/kuma/mesh_timeout.ts';
import { deepFreeze } from '../freeze.ts';
import type { ResourceDraft } from '../resource.ts';

const all = { kind: 'Mesh' } as const;

const sidecarTimeouts: MeshTimeout = {
  targetRef: { kind: 'Mesh', proxyTypes: ['Sidecar'] },
  from: [
    {
      targetRef: all,
      default: {
        connectionTimeout: '10s',
        idleTimeout: '2h',
        http: { requestTimeout: '0s', streamIdleTimeout: '1h', maxStreamDuration: '0s' },
      },
    },
  ],
  to: [
    {
      targetRef: all,
      default: { connectionTimeout: '5s', idleTimeout: '1h', http: { requestTimeout: '15s', streamIdleTimeout: '30m' } },
    },
  ],
};

const gatewayTimeouts: MeshTimeout = {
  targetRef: { kind: 'Mesh', proxyTypes: ['Gateway'] },
  from: [{ targetRef: all, default: { idleTimeout: '5m', http: { streamIdleTimeout: '5s', requestHeadersTimeout: '500ms' } } }],
  to: [{ targetRef: all, default: { idleTimeout: '1h', http: { streamIdleTimeout: '5s' } } }],
};

const circuitBreaker: MeshCircuitBreaker = {
  targetRef: all,
  to: [
    {
      targetRef: all,
      default: { connectionLimits: { maxConnections: 1024, maxPendingRequests: 1024, maxRequests: 1024, maxRetries: 3 } },
    },
  ],
};

const retries = { numRetries: 5, perTryTimeout: '16s', backOff: { baseInterval: '25ms', maxInterval: '250ms' } };
const retry: MeshRetry = {
  targetRef: all,
  to: [{ targetRef: all, default: { tcp: { maxConnectAttempt: 5 }, http: retries, grpc: retries } }],
};

const defaults = [
  { type: 'MeshTimeout', name: 'mesh-timeout-all', spec: sidecarTimeouts },
  { type: 'MeshTimeout', name: 'mesh-gateways-timeout-all', spec: gatewayTimeouts },
  { type: 'MeshCircuitBreaker', name: 'mesh-circuit-breaker-all', spec: circuitBreaker },
  { type: 'MeshRetry', name: 'mesh-retry-all', spec: retry },
];

/**
 * Policies that a new mesh gets.
 * @param skip the mesh's `skipCreatingInitialPolicies`: kinds of policies, or `*` for all
 */
export function defaultPolicies(mesh: string, skip: readonly string[] = []): ResourceDraft[] {
  if (skip.includes('*')) return [];
  return defaults
    .filter(({ type }) => !skip.includes(type))
    .map(({ type, name, spec }) => deepFreeze({ type, mesh, name: `${name}-${mesh}`, labels: {}, spec }));
}
