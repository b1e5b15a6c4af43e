import { wellKnown } from '../dataplane/tags.ts';
import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import { byIdentity } from '../memo/by-identity.ts';
import type { Resource } from '../resources/resource.ts';
import { dataplaneFacts } from '../snapshot/dataplane-facts.ts';
import { selectorKeys } from '../snapshot/selector-keys.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';

/** Where policies of one kind stand in their order, by something that every dataplane has which they can select. */
interface PolicyIndex {
  readonly anywhere: readonly number[];
  readonly byKey: ReadonlyMap<string, readonly number[]>;
}

/**
 * Those of a kind's policies that may select a dataplane, in their order: as many as concern it, and not as many as there are.
 * @param policies of one kind; indexed once for as long as they are the same
 */
export function candidatePolicies(
  policies: readonly PolicyResource[],
  dataplane: Resource<Dataplane>,
): readonly PolicyResource[] {
  const { anywhere, byKey } = policyIndex(policies);
  if (byKey.size === 0) return policies;
  const places = [...anywhere];
  for (const key of keysOf(dataplane)) places.push(...(byKey.get(key) ?? []));
  return places.sort((a, b) => a - b).map((place) => policies[place]!);
}

const policyIndex: (policies: readonly PolicyResource[]) => PolicyIndex = byIdentity((policies) => {
  const anywhere: number[] = [];
  const byKey = new Map<string, number[]>();
  for (const [place, { spec }] of policies.entries()) {
    const ref = spec.targetRef;
    const key = ref?.kind === 'Dataplane' && ref.name ? nameKey(ref.name) : selectorKeys(ref).at(-1);
    if (ref?.kind === 'MeshHTTPRoute' || key === undefined) anywhere.push(place);
    else byKey.set(key, [...(byKey.get(key) ?? []), place]);
  }
  return { anywhere, byKey };
});

const keysOf: (dataplane: Resource<Dataplane>) => ReadonlySet<string> = byIdentity((dataplane) => {
  const keys = new Set(dataplaneFacts(dataplane).selectors);
  keys.add(nameKey(dataplane.name));
  const shown = dataplane.labels[wellKnown.displayName];
  return shown === undefined ? keys : keys.add(nameKey(shown));
});

function nameKey(name: string): string {
  return `name:${name}`;
}
