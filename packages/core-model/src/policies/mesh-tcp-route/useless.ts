import type { MeshTCPRoute_To } from '../../generated/types/kuma/mesh_tcp_route.ts';
import { idleBackends } from '../idle-backends.ts';
import type { Useless } from '../policy.ts';

export function useless({ rules = [] }: Pick<MeshTCPRoute_To, 'rules'>): readonly Useless[] {
  return rules.flatMap(({ default: { backendRefs = [] } = {} }, i) =>
    idleBackends(backendRefs, ['rules', i, 'default', 'backendRefs'], 'connections are closed'),
  );
}
