import { outboundsOf, redirectPort } from '../dataplane/parts.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import type { WrittenPolicy } from '../target-ref/policy-spec.ts';
import type { Selecting } from '../target-ref/select-proxy.ts';
import { described } from './described.ts';
import type { MeshSnapshot, NameSet } from './mesh-snapshot.ts';
import { reachedBy, selectedProxies } from './touched-proxies.ts';
import { isOffered, isUnreachedPart } from './unreached-parts.ts';

/** Items for services that are there, and that none of the proxies which the policy selects calls. */
export function uncalledServices(snapshot: MeshSnapshot, policy: WrittenPolicy): string[] {
  const { to = [] } = policy.spec;
  const uncalled = to.flatMap(({ targetRef }, i) =>
    targetRef && isUncalled(snapshot, policy, targetRef) ? { ref: targetRef, field: `spec.to[${i}].targetRef` } : [],
  );
  // That it selects nobody at all is told elsewhere.
  if (uncalled.length === 0 || !selectsSome(snapshot, policy)) return [];
  return uncalled.map(
    ({ ref, field }) =>
      `field '${field}' refers to ${described(ref)}, which no proxy that the policy selects calls now: the item has no effect`,
  );
}

function isUncalled(snapshot: MeshSnapshot, policy: WrittenPolicy, ref: TargetRef): boolean {
  const { kind, name = '' } = ref;
  if ((kind !== 'MeshService' && kind !== 'MeshServiceSubset') || !isOffered(snapshot, ref)) return false;
  // What is amiss is more than that with a part to which nothing leads, whoever calls.
  if (isUnreachedPart(snapshot, ref)) return false;
  return isRoute(policy) ? !isCalledBySome(snapshot, policy, name) : !isReachedBySome(snapshot, policy, name);
}

/** Items for all destinations, where none of the proxies that are selected calls anything; all of a mesh may come to call. */
export function callsOfNobody(snapshot: MeshSnapshot, { labels, spec }: Selecting): string[] {
  const { targetRef, to = [] } = spec;
  if ((targetRef?.kind ?? 'Mesh') === 'Mesh' && !targetRef?.proxyTypes) return [];
  const items = to.flatMap((item, i) => (item.targetRef?.kind === 'Mesh' ? i : []));
  if (items.length === 0) return [];
  let some = false;
  for (const name of selectedProxies(snapshot, { labels, spec })) {
    const dataplane = snapshot.dataplanes.get(name)!;
    if (outboundsOf(dataplane).length > 0 || redirectPort(dataplane) !== undefined) return [];
    some = true;
  }
  return some
    ? items.map((i) => `field 'spec.to[${i}]' has no effect: no proxy that the policy selects calls a service now`)
    : [];
}

/** Whether one of the proxies that a policy selects calls a service itself. */
export function isCalledBySome(snapshot: MeshSnapshot, policy: Selecting, service: string): boolean {
  const callers = snapshot.callers.get(service);
  return callers !== undefined && selectsSome(snapshot, policy, callers);
}

/** Whether one of them calls it, or calls another one from which a route leads there. */
export function isReachedBySome(snapshot: MeshSnapshot, policy: Selecting, service: string): boolean {
  const reaching = reachedBy(snapshot, service) ?? [undefined];
  return reaching.some((callers) => selectsSome(snapshot, policy, callers));
}

/** One route does not lead to another. */
function isRoute({ type }: WrittenPolicy): boolean {
  return type === 'MeshHTTPRoute' || type === 'MeshTCPRoute';
}

function selectsSome(snapshot: MeshSnapshot, policy: Selecting, among?: NameSet): boolean {
  for (const _ of selectedProxies(snapshot, policy, among)) return true;
  return false;
}
