import type { MeshTCPRoute } from '../../generated/types/kuma/mesh_tcp_route.ts';
import { backendRefProblems } from '../../resources/backend-ref.ts';
import type { Problem } from '../../resources/resource.ts';

export function validateMeshTCPRoute(spec: MeshTCPRoute): Problem[] {
  return (spec.to ?? []).flatMap(({ rules = [] }, to) => {
    const at = `spec.to[${to}].rules`;
    const many = rules.length > 1 ? [{ field: at, reason: `must have at most one item; has ${rules.length}` }] : [];
    return [
      ...many,
      ...rules.flatMap((rule, index) => destinations(`${at}[${index}].default.backendRefs`, rule.default?.backendRefs)),
    ];
  });
}

function destinations(at: string, refs: Parameters<typeof backendRefProblems>[1][] | undefined): Problem[] {
  if (!refs?.length) return [{ field: at, reason: 'must have at least one item' }];
  return refs.flatMap((ref, index) => backendRefProblems(`${at}[${index}]`, ref));
}
