import type { BackendRef, BackendResourceRef, TargetRef } from '../generated/types/kuma/target_ref.ts';
import { fieldPath, type Path } from '../resources/field-path.ts';

export interface PeerReference {
  readonly field: string;
  readonly ref: TargetRef | BackendRef | BackendResourceRef;
}

/** References to other resources stand at kind-specific places; their names are the same everywhere. */
export function peerReferences(value: unknown, at: Path): readonly PeerReference[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => peerReferences(item, [...at, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) => {
    const path = [...at, key];
    if (key === 'targetRef' || key === 'backendRef') return [{ field: fieldPath(...path), ref: field }];
    if (key !== 'backendRefs' || !Array.isArray(field)) return peerReferences(field, path);
    return field.map((ref, index) => ({ field: fieldPath(...path, index), ref }));
  });
}
