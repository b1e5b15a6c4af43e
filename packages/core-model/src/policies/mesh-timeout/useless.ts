import type { MeshTimeout_Conf as Conf } from '../../generated/types/kuma/mesh_timeout.ts';
import type { SaidOf, Useless } from '../policy.ts';
import { statedOf, timeoutsOfConnections } from './of-connections.ts';

export function useless(conf: Conf, { route }: SaidOf): readonly Useless[] {
  if (!route) return [];
  const why = 'has no effect on a MeshHTTPRoute: it concerns connections, not requests';
  return statedOf(conf, timeoutsOfConnections).map((path) => ({ path: path.split('.'), why }));
}
