import { wellKnown } from '../dataplane/tags.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import { labelSelector, tagSelector } from './dataplane-facts.ts';

/** Index keys of which a dataplane has every one when a reference selects it. None: it may be any dataplane. */
export function selectorKeys(ref: TargetRef | undefined): readonly string[] {
  const keys = Object.entries(ref?.labels ?? {}).map(([label, value]) => labelSelector(label, value));
  for (const [tag, value] of Object.entries(ref?.tags ?? {})) keys.push(tagSelector(tag, value === '*' ? undefined : value));
  if (ref?.name && (ref.kind === 'MeshService' || ref.kind === 'MeshServiceSubset'))
    keys.push(tagSelector(wellKnown.service, ref.name));
  return keys;
}
