import { hasTags, wellKnown } from '../dataplane/tags.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import { displayName } from './order.ts';
import type { PolicyResource } from './policy-spec.ts';

/** Whether a reference means a resource: by name, or by labels. */
export function refersTo(ref: TargetRef, resource: PolicyResource): boolean {
  if (ref.kind !== resource.type) return false;
  if (ref.namespace && ref.namespace !== resource.labels[wellKnown.namespace]) return false;
  if (ref.labels && !hasTags(resource.labels, ref.labels)) return false;
  return ref.name ? ref.name === resource.name || ref.name === displayName(resource) : ref.labels !== undefined;
}
