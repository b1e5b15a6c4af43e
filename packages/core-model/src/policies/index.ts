import type { MergeStrategy } from '../rules/merge.ts';
import { meshAccessLog } from './mesh-access-log/apply.ts';
import { meshCircuitBreaker } from './mesh-circuit-breaker/apply.ts';
import { meshFaultInjection } from './mesh-fault-injection/apply.ts';
import { meshHealthCheck } from './mesh-health-check/apply.ts';
import { meshHTTPRoute } from './mesh-http-route/apply.ts';
import { meshLoadBalancingStrategy } from './mesh-load-balancing-strategy/apply.ts';
import { meshMetric } from './mesh-metric/apply.ts';
import { meshPassthrough } from './mesh-passthrough/apply.ts';
import { meshProxyPatch } from './mesh-proxy-patch/apply.ts';
import { meshRateLimit } from './mesh-rate-limit/apply.ts';
import { meshRetry } from './mesh-retry/apply.ts';
import { meshTCPRoute } from './mesh-tcp-route/apply.ts';
import { meshTimeout } from './mesh-timeout/apply.ts';
import { meshTLS } from './mesh-tls/apply.ts';
import { meshTrace } from './mesh-trace/apply.ts';
import { meshTrafficPermission } from './mesh-traffic-permission/apply.ts';
import type { Policy } from './policy.ts';

/**
 * All policies that shape a proxy, in the order in which their hooks are applied: what makes routes before what changes
 * them, and what changes single values before what patches the result.
 */
export const policies: readonly Policy<never, never>[] = [
  meshHTTPRoute,
  meshTCPRoute,
  meshTimeout,
  meshRetry,
  // Before the circuit breaker, whose panic threshold replaces the deprecated one of health checks.
  meshHealthCheck,
  meshCircuitBreaker,
  meshLoadBalancingStrategy,
  meshTLS,
  meshTrafficPermission,
  meshFaultInjection,
  meshRateLimit,
  meshAccessLog,
  meshTrace,
  meshMetric,
  meshPassthrough,
  // Last: it patches what all others have made.
  meshProxyPatch,
];

export const mergeStrategies: Readonly<Record<string, MergeStrategy>> = Object.fromEntries(
  policies.flatMap(({ kind, merge }) => (merge ? [[kind, merge]] : [])),
);

/** Kinds of policies whose configuration of incoming traffic shapes outgoing traffic, too. */
export const bothSidesKinds: ReadonlySet<string> = new Set(policies.filter(({ bothSides }) => bothSides).map(({ kind }) => kind));
