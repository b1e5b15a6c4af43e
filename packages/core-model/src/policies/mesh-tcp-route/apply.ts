import type { MeshTCPRoute_To } from '../../generated/types/kuma/mesh_tcp_route.ts';
import { backendDrafts } from '../backend-refs.ts';
import type { Policy } from '../policy.ts';
import { useless } from './useless.ts';

/** Where connections go. For HTTP destinations it counts only while no MeshHTTPRoute does. */
export const meshTCPRoute: Policy<Pick<MeshTCPRoute_To, 'rules'>> = {
  kind: 'MeshTCPRoute',
  outbound: {
    tcpBackends: ({ conf }) => {
      const refs = conf.rules?.[0]?.default?.backendRefs ?? [];
      return refs.length > 0 ? backendDrafts(refs) : undefined;
    },
  },
  useless,
};
