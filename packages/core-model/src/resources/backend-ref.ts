import type { BackendRef } from '../generated/types/kuma/target_ref.ts';
import type { Problem } from './resource.ts';
import { refProblems } from './target-ref-validation.ts';

const destinations = ['MeshService', 'MeshServiceSubset', 'MeshExternalService', 'MeshMultiZoneService'];

/** What is wrong with where copies of requests go: to what runs in the mesh. */
export function mirrorProblems(at: string, ref: BackendRef): Problem[] {
  return backendRefProblems(at, ref, ['MeshService', 'MeshServiceSubset']);
}

/** Envoy adds the weights of requests up in 32 bits, and for connections so do we those of one destination that is listed twice. */
const mostWeight = 2 ** 32 - 1;

/** What is wrong with the destinations that a route divides traffic among. */
export function splitProblems(at: string, refs: readonly BackendRef[]): Problem[] {
  const sum = refs.reduce((total, { weight = 1 }) => total + weight, 0);
  return [
    ...refs.flatMap((ref, index) => backendRefProblems(`${at}[${index}]`, ref)),
    ...(sum > mostWeight ? [{ field: at, reason: `weights must not be more than ${mostWeight} together; got ${sum}` }] : []),
  ];
}

/** What is wrong with a destination of a route. */
function backendRefProblems(at: string, ref: BackendRef, kinds = destinations): Problem[] {
  const { port, weight: _w, ...targetRef } = ref;
  return [
    ...refProblems(at, targetRef, kinds, 'peer'),
    ...(ref.kind === 'MeshMultiZoneService' && port === undefined
      ? [{ field: `${at}.port`, reason: 'must be set when kind is MeshMultiZoneService' }]
      : []),
  ];
}
