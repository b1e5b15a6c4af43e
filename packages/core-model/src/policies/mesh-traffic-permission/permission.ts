import type {
  MeshTrafficPermission_FromConf,
  MeshTrafficPermission_RuleConf,
} from '../../generated/types/kuma/mesh_traffic_permission.ts';
import type { ClientMatchIr, PermissionIr, PermissionRuleIr } from '../../ir/index.ts';
import { isOfSidecars } from '../../resources/client-match.ts';
import { irOrigin } from '../../rules/effective.ts';
import type { InboundItem } from '../../rules/policy-items.ts';
import { allOf, anyOf, clientMatch, not, spiffeMatch } from '../client-match.ts';

/** Who may call an inbound. Without a rule that matches, nobody. */
export function permission(items: readonly InboundItem[], mesh: string): PermissionIr {
  const from = items.filter(({ list }) => list === 'from');
  const rules = items.filter(({ list }) => list === 'rules');
  const byId = rules.flatMap(spiffeRules);
  const byTags = fromRules(from, { mesh, othersAreLetIn: byId.some(({ action }) => action !== 'Deny') });
  return Object.freeze({ rules: Object.freeze([...byTags, ...byId]) });
}

type Action = PermissionRuleIr['action'];

/**
 * Of the items in `from` that match a client, the last one decides. The rules are made disjoint, since the IR's rules have
 * no order: each leaves out the clients of later items that decide otherwise. An item that denies everybody is no rule where
 * lists in `rules` let somebody in: nobody else may call without it either, and as a denial it would win over them.
 */
function fromRules(
  items: readonly InboundItem[],
  { mesh, othersAreLetIn }: { readonly mesh: string; readonly othersAreLetIn: boolean },
): PermissionRuleIr[] {
  const rules: PermissionRuleIr[] = [];
  const later: { readonly action: Action; readonly client: ClientMatchIr }[] = [];
  for (const { client: ref, conf, origin } of items.toReversed()) {
    const { action } = conf as MeshTrafficPermission_FromConf;
    if (action === undefined) continue;
    const client = clientMatch(ref, mesh);
    if (othersAreLetIn && action === 'Deny' && client.kind === 'any') break;
    const exceptions = later.filter((item) => item.action !== action).map((item) => item.client);
    const match = exceptions.length === 0 ? client : allOf([client, not(anyOf(exceptions))]);
    rules.unshift({ action, client: match, origin: irOrigin(origin) });
    if (client.kind === 'any') break;
    later.push({ action, client });
  }
  return rules;
}

/** The lists of an item in `rules`. Their order means nothing: a denial always wins. */
function spiffeRules({ conf, origin }: InboundItem): PermissionRuleIr[] {
  const { allow = [], allowWithShadowDeny = [], deny = [] } = conf as MeshTrafficPermission_RuleConf;
  const lists = [
    ['Deny', deny],
    ['AllowWithShadowDeny', allowWithShadowDeny],
    ['Allow', allow],
  ] as const;
  return lists.flatMap(([action, stated]) => {
    const matches = stated.filter(isOfSidecars);
    return matches.length === 0 ? [] : [{ action, client: anyOf(matches.map(spiffeMatch)), origin: irOrigin(origin) }];
  });
}
