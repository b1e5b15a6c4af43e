import type { MeshTCPRoute_To } from '../../generated/types/kuma/mesh_tcp_route.ts';
import { backendDrafts } from '../backend-refs.ts';
import type { Policy } from '../policy.ts';

/** Where connections go. For HTTP destinations it counts only while no MeshHTTPRoute does. */
export const meshTCPRoute: Policy<Pick<MeshTCPRoute_To, 'rules'>> = {
  kind: 'MeshTCPRoute',
  outbound: {
    tcpBackends: ({ conf }) => backendDrafts(conf.rules?.[0]?.default?.backendRefs ?? []),
  },
};
