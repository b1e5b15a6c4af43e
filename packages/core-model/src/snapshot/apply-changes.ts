import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import type { Mesh } from '../generated/types/kuma/mesh.ts';
import type { Resource } from '../resources/resource.ts';
import { comparePolicies } from '../target-ref/order.ts';
import { policyKinds } from '../target-ref/policy-kinds.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import { dataplaneFacts, sameInstances } from './dataplane-facts.ts';
import type { OtelBackendChange, PolicyChange, SnapshotDelta } from './delta.ts';
import type { MeshSnapshot, NameSet } from './mesh-snapshot.ts';
import { compareBackends, type OtelBackendResource, otelBackendKind, otelBackendsReferred } from './otel-backends.ts';
import { PersistentMap } from './persistent-map.ts';
import { servicesReferred } from './route-references.ts';
import { type ServiceChange, type ServiceInstance, type ServiceView, serviceChange, withInstances } from './service-view.ts';
import { calledOtherwise, nobodyReady, type TlsReadiness, tlsReadinessKind } from './tls-readiness.ts';

export interface ResourceChange {
  readonly before?: Resource;
  readonly after?: Resource;
}

/**
 * The mesh after the changes, and what they touched. Resources of other meshes, and kinds that shape no proxy, are passed
 * over, so a store's feed can be handed in as it is.
 *
 * What stood before is taken from the snapshot, not from the changes: a change that is applied twice does nothing more.
 * A dataplane takes part for as long as its resource exists: who removes the resource decides when it leaves.
 */
export function applyChanges(
  snapshot: MeshSnapshot,
  changes: readonly ResourceChange[],
): { readonly snapshot: MeshSnapshot; readonly delta: SnapshotDelta } {
  let { resource, tlsReadiness } = snapshot;
  let mesh = false;
  const dataplanes = new Map<string, Resource<Dataplane> | undefined>();
  const otelBackendEdits = new Map<string, OtelBackendResource | undefined>();
  const policyEdits = new Map<
    string,
    { readonly kind: string; readonly name: string; readonly after: PolicyResource | undefined }
  >();
  for (const { before, after } of changes) {
    const either = after ?? before;
    if (either === undefined) continue;
    if (either.type === 'Mesh' && either.name === snapshot.mesh) {
      resource = after as Resource<Mesh> | undefined;
      mesh = true;
    } else if (either.mesh === snapshot.mesh && either.type === tlsReadinessKind) {
      tlsReadiness = (after?.spec as TlsReadiness | undefined) ?? nobodyReady;
    } else if (either.mesh === snapshot.mesh && either.type === 'Dataplane') {
      dataplanes.set(either.name, after as Resource<Dataplane> | undefined);
    } else if (either.mesh === snapshot.mesh && either.type === otelBackendKind) {
      otelBackendEdits.set(either.name, after as OtelBackendResource | undefined);
    } else if (either.mesh === snapshot.mesh && policyKinds.has(either.type)) {
      const { type: kind, name } = either;
      policyEdits.set(`${kind}/${name}`, { kind, name, after: after as PolicyResource | undefined });
    }
  }
  const policies: PolicyChange[] = [...policyEdits.values()].map(({ kind, name, after }) => {
    const before = snapshot.policies.get(kind)?.find((policy) => policy.name === name);
    return { ...(before && { before }), ...(after && { after }) };
  });
  const otelBackends: OtelBackendChange[] = [...otelBackendEdits].map(([name, after]) => {
    const before = snapshot.otelBackends.find((backend) => backend.name === name);
    return { ...(before && { before }), ...(after && { after }) };
  });
  const { services, touched } = withServices(snapshot, dataplanes);
  const next: MeshSnapshot = Object.freeze({
    mesh: snapshot.mesh,
    resource,
    tlsReadiness,
    dataplanes: snapshot.dataplanes.edit((draft) => {
      for (const [name, after] of dataplanes) after ? draft.set(name, after) : draft.delete(name);
    }),
    services,
    callers: withNames(snapshot.callers, snapshot, dataplanes, (dataplane) => dataplaneFacts(dataplane).calls),
    selectors: withNames(snapshot.selectors, snapshot, dataplanes, (dataplane) => dataplaneFacts(dataplane).selectors),
    policies: withPolicies(snapshot.policies, policies),
    routesTo: withRoutes(snapshot.routesTo, policies),
    otelBackends: withOtelBackends(snapshot.otelBackends, otelBackends),
    otelBackendUsers: withOtelBackendUsers(snapshot.otelBackendUsers, policies),
  });
  for (const service of calledOtherwise(snapshot, next)) touched.set(service, 'view');
  return { snapshot: next, delta: { mesh, dataplanes: new Set(dataplanes.keys()), services: touched, policies, otelBackends } };
}

type DataplaneEdits = ReadonlyMap<string, Resource<Dataplane> | undefined>;

function withServices(
  snapshot: MeshSnapshot,
  edits: DataplaneEdits,
): { services: PersistentMap<ServiceView>; touched: Map<string, ServiceChange> } {
  const byService = new Map<string, Map<string, readonly ServiceInstance[]>>();
  for (const [name, after] of edits) {
    const before = snapshot.dataplanes.get(name);
    const instancesBefore = before && dataplaneFacts(before).instances;
    const instancesAfter = after && dataplaneFacts(after).instances;
    for (const service of new Set([...(instancesBefore?.keys() ?? []), ...(instancesAfter?.keys() ?? [])])) {
      const is = instancesAfter?.get(service);
      if (sameInstances(instancesBefore?.get(service), is)) continue;
      const ofService = byService.get(service) ?? new Map();
      byService.set(service, ofService.set(name, is ?? []));
    }
  }
  const touched = new Map<string, ServiceChange>();
  const services = snapshot.services.edit((draft) => {
    for (const [service, instances] of byService) {
      const before = draft.get(service);
      const after = withInstances(service, before, instances);
      if (after) draft.set(service, after);
      else draft.delete(service);
      const change = serviceChange(before, after);
      if (change) touched.set(service, change);
    }
  });
  return { services, touched };
}

/** Moves dataplanes' names between the sets of an index, as their keys changed. */
function withNames(
  index: PersistentMap<NameSet>,
  snapshot: MeshSnapshot,
  edits: DataplaneEdits,
  keysOf: (dataplane: Resource<Dataplane>) => ReadonlySet<string>,
): PersistentMap<NameSet> {
  const byKey = new Map<string, { readonly add: string[]; readonly remove: string[] }>();
  const editsOf = (key: string) => {
    const known = byKey.get(key) ?? { add: [], remove: [] };
    byKey.set(key, known);
    return known;
  };
  for (const [name, after] of edits) {
    const before = snapshot.dataplanes.get(name);
    const keysBefore: ReadonlySet<string> = before ? keysOf(before) : new Set();
    const keysAfter: ReadonlySet<string> = after ? keysOf(after) : new Set();
    for (const key of keysBefore) if (!keysAfter.has(key)) editsOf(key).remove.push(name);
    for (const key of keysAfter) if (!keysBefore.has(key)) editsOf(key).add.push(name);
  }
  return index.edit((draft) => {
    for (const [key, { add, remove }] of byKey) {
      const names = (draft.get(key) ?? PersistentMap.empty<true>()).edit((set) => {
        for (const name of remove) set.delete(name);
        for (const name of add) set.set(name, true);
      });
      if (names.size > 0) draft.set(key, names);
      else draft.delete(key);
    }
  });
}

function withPolicies(policies: MeshSnapshot['policies'], changes: readonly PolicyChange[]): MeshSnapshot['policies'] {
  if (changes.length === 0) return policies;
  const next = new Map(policies);
  for (const { before, after } of changes) {
    if (!after && !before) continue;
    const { type: kind, name } = (after ?? before)!;
    const others = (next.get(kind) ?? []).filter((policy) => policy.name !== name);
    if (after) others.splice(placeOf(others, after), 0, after);
    if (others.length > 0) next.set(kind, Object.freeze(others));
    else next.delete(kind);
  }
  return next;
}

function placeOf(sorted: readonly PolicyResource[], policy: PolicyResource): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comparePolicies(sorted[middle]!, policy) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function withRoutes(routes: MeshSnapshot['routesTo'], changes: readonly PolicyChange[]): MeshSnapshot['routesTo'] {
  return routes.edit((draft) => {
    for (const { before, after } of changes) {
      for (const service of before ? servicesReferred(before) : []) {
        const others = (draft.get(service) ?? []).filter(({ type, name }) => type !== before!.type || name !== before!.name);
        if (others.length > 0) draft.set(service, others);
        else draft.delete(service);
      }
      for (const service of after ? servicesReferred(after) : []) draft.set(service, [...(draft.get(service) ?? []), after!]);
    }
  });
}

function withOtelBackends(
  backends: MeshSnapshot['otelBackends'],
  changes: readonly OtelBackendChange[],
): MeshSnapshot['otelBackends'] {
  if (changes.length === 0) return backends;
  const changed = new Set(changes.map(({ before, after }) => (after ?? before)?.name));
  const others = backends.filter(({ name }) => !changed.has(name));
  return Object.freeze([...others, ...changes.flatMap(({ after }) => after ?? [])].sort(compareBackends));
}

function withOtelBackendUsers(
  users: MeshSnapshot['otelBackendUsers'],
  changes: readonly PolicyChange[],
): MeshSnapshot['otelBackendUsers'] {
  return users.edit((draft) => {
    for (const { before, after } of changes) {
      const key = ({ type, name }: PolicyResource) => `${type}/${name}`;
      if (before && otelBackendsReferred(before).length > 0) draft.delete(key(before));
      if (after && otelBackendsReferred(after).length > 0) draft.set(key(after), after);
    }
  });
}
