import type { PermissionIr, PermissionRuleIr } from '@kuma-mesh/core-model/ir/index.ts';
import { Action, RBAC_Action } from '@kuma-mesh/envoy-api/generated/envoy/config/rbac/v3/rbac.ts';
import type { Matcher } from '@kuma-mesh/envoy-api/generated/xds/type/matcher/v3/matcher.ts';
import { pack } from '../envoy/pack.ts';
import { clientPredicate } from './client-predicate.ts';

/** The rule that comes first decides. */
const precedence: readonly PermissionRuleIr['action'][] = ['Deny', 'AllowWithShadowDeny', 'Allow'];

/** For the shadow engine of connections, whose real one leaves no names behind: it denies nothing. */
export function namesOfDecisions({ rules }: PermissionIr): Matcher {
  const ordered = precedence.flatMap((action) => rules.filter((rule) => rule.action === action));
  const matchers = ordered.map(({ client, origin }) => ({ predicate: clientPredicate(client), onMatch: lettingIn(origin.kri) }));
  return {
    ...(matchers.length > 0 && { matcherType: { $case: 'matcherList', value: { matchers } } }),
    onNoMatch: lettingIn('-'),
  };
}

/** @param name of who decided, for metadata */
function lettingIn(name: string): NonNullable<Matcher['onNoMatch']> {
  const action = { name, action: RBAC_Action.ALLOW };
  return { onMatch: { $case: 'action', value: { name: 'action', typedConfig: pack(Action, action) } } };
}
