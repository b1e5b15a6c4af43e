import type {
  MeshTrafficPermission_FromConf as FromConf,
  MeshTrafficPermission_RuleConf as RuleConf,
} from '../../generated/types/kuma/mesh_traffic_permission.ts';
import { isOfSidecars } from '../../resources/client-match.ts';
import { includes } from '../by-client.ts';
import { spiffeIdOf } from '../client-match.ts';
import type { Useless } from '../policy.ts';

/** Clients that one list of an item in `rules` lets in, and another denies. */
export function useless(conf: FromConf | RuleConf): readonly Useless[] {
  const { allow = [], allowWithShadowDeny = [], deny = [] } = 'action' in conf ? {} : (conf as RuleConf);
  const denied = deny.map((match) => (isOfSidecars(match) ? spiffeIdOf(match) : undefined));
  const letIn = [
    ...allow.map((match, i) => ({ match, path: ['allow', i] })),
    ...allowWithShadowDeny.map((match, i) => ({ match, path: ['allowWithShadowDeny', i] })),
  ];
  return letIn.flatMap(({ match, path }) => {
    const client = spiffeIdOf(match);
    const by = denied.findIndex((id) => id && client && includes(id, client));
    return by < 0 ? [] : [{ path, why: `has no effect: whom it lets in, deny[${by}] beside it denies, which wins` }];
  });
}
