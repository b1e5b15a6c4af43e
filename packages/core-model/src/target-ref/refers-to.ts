import { hasTags, type Tags, wellKnown } from '../dataplane/tags.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import { displayName } from './order.ts';
import type { PolicyResource } from './policy-spec.ts';

/** Whether a resource has all of some labels. Its name stands for `kuma.io/display-name`, where no label says another one. */
export function hasLabels(resource: Pick<PolicyResource, 'name' | 'labels'>, wanted: Tags): boolean {
  return hasTags({ [wellKnown.displayName]: displayName(resource), ...resource.labels }, wanted);
}

/** Whether a reference means a resource: by name, or by labels. */
export function refersTo(ref: TargetRef, resource: PolicyResource): boolean {
  if (ref.kind !== resource.type) return false;
  if (ref.namespace && ref.namespace !== resource.labels[wellKnown.namespace]) return false;
  if (ref.labels && !hasLabels(resource, ref.labels)) return false;
  return ref.name ? ref.name === resource.name || ref.name === displayName(resource) : ref.labels !== undefined;
}
