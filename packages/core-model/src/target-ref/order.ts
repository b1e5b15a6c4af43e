import { wellKnown } from '../dataplane/tags.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import { compare } from './compare.ts';
import type { PolicyResource } from './policy-spec.ts';

/*
 * In what order policies are merged: what comes later wins. The order is total, as Kuma documents it:
 * how exactly the top-level targetRef points, then where the policy came from, then its role, then its name, of which
 * the alphabetically first wins.
 */

const kindRank: Readonly<Record<string, number>> = {
  Mesh: 1,
  Dataplane: 2,
  MeshSubset: 3,
  MeshGateway: 4,
  MeshService: 5,
  MeshExternalService: 6,
  MeshMultiZoneService: 7,
  MeshServiceSubset: 8,
  MeshHTTPRoute: 9,
};

const originRank: Readonly<Record<string, number>> = { global: 0, zone: 1 };
const roleRank: Readonly<Record<string, number>> = { system: 0, producer: 1, consumer: 2, 'workload-owner': 3 };

/** How exactly a reference points. An absent one means the whole mesh. */
export function specificity(ref: TargetRef | undefined): number {
  const kind = ref?.kind ?? 'Mesh';
  const byName = ref?.name ? 4 : ref?.labels && Object.keys(ref.labels).length > 0 ? 2 : 0;
  return kindRank[kind]! * 8 + byName + (ref?.sectionName ? 1 : 0);
}

/** Negative when `a` is merged first and so gives way to `b`. */
export function comparePolicies(a: PolicyResource, b: PolicyResource): number {
  return (
    specificity(a.spec.targetRef) - specificity(b.spec.targetRef) ||
    (originRank[a.labels[wellKnown.origin] ?? 'zone'] ?? 1) - (originRank[b.labels[wellKnown.origin] ?? 'zone'] ?? 1) ||
    (roleRank[a.labels[wellKnown.policyRole] ?? 'system'] ?? 0) - (roleRank[b.labels[wellKnown.policyRole] ?? 'system'] ?? 0) ||
    compare(displayName(b), displayName(a)) ||
    compare(b.name, a.name)
  );
}

/** The name that people gave a resource; its own may carry a suffix from synchronization. */
export function displayName(resource: { readonly name: string; readonly labels: Readonly<Record<string, string>> }): string {
  return resource.labels[wellKnown.displayName] ?? resource.name;
}
