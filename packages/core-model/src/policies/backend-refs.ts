import { furtherTags } from '../dataplane/tags.ts';
import type { BackendRef } from '../generated/types/kuma/target_ref.ts';
import type { Destination } from '../rules/destination.ts';
import type { BackendDraft } from './policy.ts';

/**
 * Where references of a route lead. A name that no service has leads to a place without endpoints, so that requests fail
 * rather than go elsewhere. References by labels, and kinds without resources yet, lead nowhere: their share is left out.
 */
export function backendDrafts(refs: readonly BackendRef[]): readonly BackendDraft[] {
  return refs.flatMap((ref) => {
    const destination = backendDestination(ref);
    return destination ? { destination, weight: ref.weight ?? 1 } : [];
  });
}

export function backendDestination({ kind, name, tags }: BackendRef): Destination | undefined {
  if (!name) return undefined;
  if (kind === 'MeshServiceSubset') return { kind: 'service', service: name, tags: furtherTags(tags) };
  return kind === 'MeshService' ? { kind: 'service', service: name, tags: {} } : undefined;
}
