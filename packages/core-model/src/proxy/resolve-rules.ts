import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import { bothSidesKinds, mergeStrategies } from '../policies/index.ts';
import type { Resource } from '../resources/resource.ts';
import type { ProxyRules } from '../rules/proxy-rules.ts';
import { type ResolveOptions, resolveRules as resolve } from '../rules/resolve-rules.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';

/** The rules of one proxy, as every kind of policy merges them. What the proxy runs and what inspection shows. */
export function resolveRules(
  snapshot: MeshSnapshot,
  dataplane: Resource<Dataplane>,
  options: Omit<ResolveOptions, 'strategies' | 'bothSides'> = {},
): ProxyRules {
  return resolve(snapshot, dataplane, { ...options, strategies: mergeStrategies, bothSides: bothSidesKinds });
}
