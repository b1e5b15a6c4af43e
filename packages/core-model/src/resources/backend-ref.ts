import type { BackendRef } from '../generated/types/kuma/target_ref.ts';
import type { Problem } from './resource.ts';
import { refProblems } from './target-ref-validation.ts';

const destinations = ['MeshService', 'MeshServiceSubset', 'MeshExternalService', 'MeshMultiZoneService'];

/** What is wrong with where copies of requests go: to what runs in the mesh. */
export function mirrorProblems(at: string, ref: BackendRef): Problem[] {
  return backendRefProblems(at, ref, ['MeshService', 'MeshServiceSubset']);
}

/** What is wrong with a destination of a route. */
export function backendRefProblems(at: string, ref: BackendRef, kinds = destinations): Problem[] {
  const { port, weight: _w, ...targetRef } = ref;
  return [
    ...refProblems(at, targetRef, kinds, 'peer'),
    ...(ref.kind === 'MeshMultiZoneService' && port === undefined
      ? [{ field: `${at}.port`, reason: 'must be set when kind is MeshMultiZoneService' }]
      : []),
  ];
}
