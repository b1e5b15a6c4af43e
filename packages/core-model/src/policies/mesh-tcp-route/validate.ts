import type { MeshTCPRoute } from '../../generated/types/kuma/mesh_tcp_route.ts';
import { splitProblems } from '../../resources/backend-ref.ts';
import type { Problem } from '../../resources/resource.ts';

export function validateMeshTCPRoute(spec: MeshTCPRoute): Problem[] {
  return (spec.to ?? []).flatMap(({ rules = [] }, to) =>
    rules.flatMap(({ default: conf }, index) =>
      splitProblems(`spec.to[${to}].rules[${index}].default.backendRefs`, conf?.backendRefs ?? []),
    ),
  );
}
