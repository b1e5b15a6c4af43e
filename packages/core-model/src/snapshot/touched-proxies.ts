import { wellKnown } from '../dataplane/tags.ts';
import type { BackendResourceRef, TargetRef } from '../generated/types/kuma/target_ref.ts';
import { isInScope } from '../target-ref/policy-scope.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import { proxyTarget } from '../target-ref/proxy-target.ts';
import { refersTo } from '../target-ref/refers-to.ts';
import { type Selecting, selectProxy } from '../target-ref/select-proxy.ts';
import { labelSelector } from './dataplane-facts.ts';
import type { OtelBackendChange, SnapshotDelta } from './delta.ts';
import type { MeshSnapshot, NameSet } from './mesh-snapshot.ts';
import { otelBackendsReferred, refersToBackend } from './otel-backends.ts';
import { selectorKeys } from './selector-keys.ts';

/** Proxies of a mesh whose configuration a change can have made different, by how much of it. */
export interface TouchedProxies {
  /** Build them again. */
  readonly rebuild: ReadonlySet<string>;
  /** Only endpoints of services that they call are different; none of these is in `rebuild`. */
  readonly endpoints: ReadonlySet<string>;
  /** Their dataplanes are gone. */
  readonly removed: ReadonlySet<string>;
}

export function touchedProxies(before: MeshSnapshot, after: MeshSnapshot, delta: SnapshotDelta): TouchedProxies {
  const rebuild = new Set<string>();
  const endpoints = new Set<string>();
  const removed = new Set<string>();
  for (const name of delta.dataplanes) (after.dataplanes.has(name) ? rebuild : removed).add(name);
  if (delta.mesh) for (const name of after.dataplanes.keys()) rebuild.add(name);
  for (const change of delta.policies) {
    if (change.before) addAffected(before, change.before, rebuild);
    if (change.after) addAffected(after, change.after, rebuild);
  }
  for (const change of delta.otelBackends) addSenders(after, change, rebuild);
  for (const [service, change] of delta.services) addCallers(after, service, change === 'view' ? rebuild : endpoints);
  // Selected under the mesh as it was before, a proxy may have gone since; callers are those of the mesh as it is.
  for (const name of rebuild) {
    if (after.dataplanes.has(name)) endpoints.delete(name);
    else rebuild.delete(name);
  }
  return { rebuild, endpoints, removed };
}

/** Those that call the service themselves, and those whose calls of another service a route sends there. */
function addCallers(snapshot: MeshSnapshot, service: string, into: Set<string>): void {
  snapshot.callers.get(service)?.forEach((_, name) => {
    into.add(name);
  });
  for (const route of snapshot.routesTo.get(service) ?? []) addAffected(snapshot, route, into);
}

/** Those with a policy that refers to a collector, as it was or as it is. */
function addSenders(snapshot: MeshSnapshot, { before, after }: OtelBackendChange, into: Set<string>): void {
  const isMeant = ({ ref }: { readonly ref: BackendResourceRef }) =>
    [before, after].some((backend) => backend !== undefined && refersToBackend(ref, backend));
  snapshot.otelBackendUsers.forEach((policy) => {
    if (otelBackendsReferred(policy).some(isMeant)) addAffected(snapshot, policy, into);
  });
}

/** Proxies that a policy selects, less those that call none of the destinations that all of it is about. */
function addAffected(snapshot: MeshSnapshot, policy: PolicyResource, into: Set<string>): void {
  const callers = callersOfDestinations(snapshot, policy);
  for (const name of selectedProxies(snapshot, policy)) {
    if (callers === undefined || callers.some((set) => set.has(name))) into.add(name);
  }
}

/** undefined when the policy is not only about calls of services that it names. */
function callersOfDestinations(snapshot: MeshSnapshot, { spec }: PolicyResource): readonly NameSet[] | undefined {
  if (spec.from || spec.rules || spec.default !== undefined) return undefined;
  const callers: NameSet[] = [];
  for (const { targetRef } of spec.to ?? []) {
    const service = namedService(targetRef);
    const reaching = service && reachedBy(snapshot, service);
    if (!reaching) return undefined;
    callers.push(...reaching);
  }
  return callers;
}

/** Those that call a service, or one that some route leads from to there. undefined for anyone. */
export function reachedBy(snapshot: MeshSnapshot, service: string): readonly NameSet[] | undefined {
  const called = [service];
  for (const { spec } of snapshot.routesTo.get(service) ?? []) {
    for (const { targetRef } of spec.to ?? []) {
      const from = namedService(targetRef);
      if (from === undefined) return undefined;
      called.push(from);
    }
  }
  return called.flatMap((name) => snapshot.callers.get(name) ?? []);
}

function namedService(ref: TargetRef | undefined): string | undefined {
  return ref?.kind === 'MeshService' || ref?.kind === 'MeshServiceSubset' ? ref.name : undefined;
}

/** Names of the proxies that a policy selects, all of them or those among some. */
export function* selectedProxies(snapshot: MeshSnapshot, policy: Selecting, among?: NameSet): Iterable<string> {
  const ref = policy.spec.targetRef;
  if (ref?.kind === 'MeshHTTPRoute') {
    const routes = snapshot.policies.get('MeshHTTPRoute') ?? [];
    for (const route of routes)
      if (refersTo(ref, route)) yield* inScope(snapshot, policy, selectedProxies(snapshot, route, among));
    return;
  }
  for (const name of candidates(snapshot, ref, among)) {
    if (among && !among.has(name)) continue;
    const dataplane = snapshot.dataplanes.get(name);
    if (dataplane && selectProxy(policy, proxyTarget(dataplane)) !== 'none') yield name;
  }
}

function* inScope(snapshot: MeshSnapshot, policy: Selecting, names: Iterable<string>): Iterable<string> {
  for (const name of names) if (isInScope(policy, proxyTarget(snapshot.dataplanes.get(name)!))) yield name;
}

/** Looks at as few dataplanes as an index allows: of all that the reference asks for, what the fewest have. */
function candidates(snapshot: MeshSnapshot, ref: TargetRef | undefined, among: NameSet | undefined): Iterable<string> {
  if (ref?.name && ref.kind === 'Dataplane') {
    return [ref.name, ...(snapshot.selectors.get(labelSelector(wellKnown.displayName, ref.name))?.keys() ?? [])];
  }
  const keys = selectorKeys(ref);
  const sets = [...keys.map((key) => snapshot.selectors.get(key)), ...(among ? [among] : [])];
  if (sets.length === 0) return snapshot.dataplanes.keys();
  if (sets.includes(undefined)) return [];
  return (sets as NameSet[]).reduce((fewest, set) => (set.size < fewest.size ? set : fewest)).keys();
}
