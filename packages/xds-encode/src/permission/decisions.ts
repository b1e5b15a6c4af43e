import type { PermissionIr, PermissionRuleIr } from '@kuma-mesh/core-model/ir/index.ts';
import { Action, RBAC_Action } from '@kuma-mesh/envoy-api/generated/envoy/config/rbac/v3/rbac.ts';
import type { Matcher } from '@kuma-mesh/envoy-api/generated/xds/type/matcher/v3/matcher.ts';
import { pack } from '../envoy/pack.ts';
import { clientPredicate } from './client-predicate.ts';

type Actions = Readonly<Record<PermissionRuleIr['action'], RBAC_Action>>;

/** The rule that comes first decides. */
const precedence: readonly PermissionRuleIr['action'][] = ['Deny', 'AllowWithShadowDeny', 'Allow'];

/** Lets in or turns away, and names the policy that did. */
export function namedDecisions(permission: PermissionIr): Matcher {
  return firstMatch(permission, { Deny: RBAC_Action.DENY, AllowWithShadowDeny: RBAC_Action.ALLOW, Allow: RBAC_Action.ALLOW });
}

/** For the shadow engine of connections, whose real one leaves no names behind: it denies nothing. */
export function namesOfDecisions(permission: PermissionIr): Matcher {
  const { ALLOW } = RBAC_Action;
  return { ...firstMatch(permission, { Deny: ALLOW, AllowWithShadowDeny: ALLOW, Allow: ALLOW }), onNoMatch: decide('-', ALLOW) };
}

function firstMatch({ rules }: PermissionIr, actions: Actions): Matcher {
  const ordered = precedence.flatMap((action) => rules.filter((rule) => rule.action === action));
  const matchers = ordered.map(({ client, origin, action }) => ({
    predicate: clientPredicate(client),
    onMatch: decide(origin.kri, actions[action]),
  }));
  return matchers.length === 0 ? {} : { matcherType: { $case: 'matcherList', value: { matchers } } };
}

function decide(name: string, action: RBAC_Action): NonNullable<Matcher['onNoMatch']> {
  return { onMatch: { $case: 'action', value: { name: 'action', typedConfig: pack(Action, { name, action }) } } };
}
