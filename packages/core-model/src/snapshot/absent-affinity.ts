import { tagOrLabel } from '../dataplane/parts.ts';
import { furtherTags, hasTags } from '../dataplane/tags.ts';
import type { MeshLoadBalancingStrategy_Conf } from '../generated/types/kuma/mesh_load_balancing_strategy.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import { fieldPath } from '../resources/field-path.ts';
import type { Selecting } from '../target-ref/select-proxy.ts';
import { described } from './described.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';
import type { ServiceInstance } from './service-view.ts';
import { selectedProxies } from './touched-proxies.ts';

/** Tags that should tell which instances are near, and that no caller has or no instance: all are as far then. */
export function absentAffinity(snapshot: MeshSnapshot, policy: Selecting): string[] {
  const items = (policy.spec.to ?? []).map(({ targetRef = {}, default: conf }) => {
    const { localityAwareness } = (conf ?? {}) as MeshLoadBalancingStrategy_Conf;
    return { targetRef, keys: (localityAwareness?.localZone?.affinityTags ?? []).map(({ key = '' }) => key) };
  });
  const strangeToCallers = absentKeys(
    items.flatMap(({ keys }) => keys),
    callers(snapshot, policy),
    tagOrLabel,
  );
  return items.flatMap(({ targetRef, keys }, i) => {
    const { instances, whose } = instancesMeant(snapshot, targetRef);
    const strangeToInstances = absentKeys(keys, instances, ({ endpoint }, key) => endpoint.tags[key] ?? endpoint.labels[key]);
    return keys.flatMap((key, j) => {
      const field = fieldPath('spec', 'to', i, 'default', 'localityAwareness', 'localZone', 'affinityTags', j, 'key');
      const none = (who: string) => `field '${field}' has no effect: no ${who} has the tag or label ${key} now`;
      if (strangeToCallers.has(key)) return [none('proxy that the policy selects')];
      return strangeToInstances.has(key) ? [none(`instance of ${whose}`)] : [];
    });
  });
}

/** Ends as soon as each was found; that there is nobody at all is told elsewhere. */
function absentKeys<T>(
  keys: readonly string[],
  all: Iterable<T>,
  value: (one: T, key: string) => string | undefined,
): ReadonlySet<string> {
  const absent = new Set(keys);
  if (absent.size === 0) return absent;
  let some = false;
  for (const one of all) {
    for (const key of absent) if (value(one, key) !== undefined) absent.delete(key);
    if (absent.size === 0) break;
    some = true;
  }
  return some ? absent : new Set();
}

function* callers(snapshot: MeshSnapshot, policy: Selecting) {
  for (const name of selectedProxies(snapshot, policy)) yield snapshot.dataplanes.get(name)!;
}

function instancesMeant({ services }: MeshSnapshot, ref: TargetRef) {
  if ((ref.kind ?? 'Mesh') === 'Mesh') return { instances: instancesOfAll(services), whose: 'any service' };
  const { name = '', tags } = ref;
  const wanted = furtherTags(tags);
  const instances = (services.get(name)?.instances ?? []).filter(({ endpoint }) => hasTags(endpoint.tags, wanted));
  return { instances, whose: described(ref) };
}

function* instancesOfAll(services: MeshSnapshot['services']): Iterable<ServiceInstance> {
  for (const { instances } of services.values()) yield* instances;
}
