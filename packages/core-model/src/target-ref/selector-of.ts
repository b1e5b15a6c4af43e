import { type Tags, wellKnown } from '../dataplane/tags.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';

/** Tags by which a reference selects proxies; none for the whole mesh. A service by labels is a resource, and no proxy's tag. */
export function selectorOf({ kind, name = '', tags }: TargetRef): Tags {
  const ofService = kind === 'MeshService' || kind === 'MeshServiceSubset';
  return { ...tags, ...(ofService && { [wellKnown.service]: name }) };
}
