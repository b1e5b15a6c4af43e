/**
 * Permissions of connections that can be taken back while they are open. Envoy keeps a filter's configuration for the life
 * of a connection, so the rule itself cannot change under it; what can change is the runtime, which rules ask for at every
 * piece of data that a client sends:
 *
 *   rule: client is spiffe://m/web, and runtime kuma.permission.<hash of rule and inbound> is on
 *
 *   rule added    the key is switched on, then new connections get the rule; open ones see nothing
 *   rule removed  the key is gone: connections that only this rule let in are closed, the others see nothing
 */
import { hash } from 'node:crypto';
import type { ClientMatchIr, PermissionIr } from '@kuma-mesh/core-model/ir/index.ts';
import { Action, RBAC_Action } from '@kuma-mesh/envoy-api/generated/envoy/config/rbac/v3/rbac.ts';
import { RuntimeFraction } from '@kuma-mesh/envoy-api/generated/envoy/extensions/matching/input_matchers/runtime_fraction/v3/runtime_fraction.ts';
import type {
  Matcher,
  Matcher_MatcherList_Predicate as Predicate,
} from '@kuma-mesh/envoy-api/generated/xds/type/matcher/v3/matcher.ts';
import { pack } from '../envoy/pack.ts';
import { fraction } from '../envoy/values.ts';
import { all, any, clientPredicate, not, ofUris } from './client-predicate.ts';

/** Who may connect; nobody where no rule allows it. */
export function revocableMatcher(inbound: string, permission: PermissionIr): Matcher {
  const denied = clients(permission, 'Deny').map(clientPredicate);
  const exceptDenied = denied.length === 0 ? [] : [not(any(denied))];
  const matchers = keyedClients(inbound, permission).map(({ key, client }) => ({
    predicate: all([clientPredicate(client), ...exceptDenied, switchedOn(key)]),
    onMatch: action(RBAC_Action.ALLOW),
  }));
  return {
    ...(matchers.length > 0 && { matcherType: { $case: 'matcherList', value: { matchers } } }),
    onNoMatch: action(RBAC_Action.DENY),
  };
}

/** Runtime keys that must be on for the rules in force. */
export function runtimeKeys(inbound: string, permission: PermissionIr): readonly string[] {
  return keyedClients(inbound, permission).map(({ key }) => key);
}

/** What is denied is part of the key: who is newly denied may have come in by any rule, so that all connections are looked at anew. */
function keyedClients(inbound: string, permission: PermissionIr): readonly { key: string; client: ClientMatchIr }[] {
  const denied = clients(permission, 'Deny');
  const allowed = [...clients(permission, 'Allow'), ...clients(permission, 'AllowWithShadowDeny')];
  const keyed = allowed.map((client) => [keyOf({ inbound, client, denied }), client] as const);
  return [...new Map(keyed)].map(([key, client]) => ({ key, client }));
}

function keyOf(rule: object): string {
  return `kuma.permission.${hash('sha256', JSON.stringify(rule), 'base64url').slice(0, 22)}`;
}

function clients(permission: PermissionIr, action: PermissionIr['rules'][number]['action']): readonly ClientMatchIr[] {
  return permission.rules.filter((rule) => rule.action === action).map((rule) => rule.client);
}

function switchedOn(runtimeKey: string): Predicate {
  const matcher = pack(RuntimeFraction, { runtimeFraction: { runtimeKey, defaultValue: fraction(0) } });
  return ofUris({ $case: 'customMatch', value: { name: 'envoy.matching.matchers.runtime_fraction', typedConfig: matcher } });
}

/** Names stand elsewhere, see `decisions.ts`: the same client may be let in by several policies. */
const policyName = 'MeshTrafficPermission';

function action(action: RBAC_Action): Matcher['onNoMatch'] {
  return { onMatch: { $case: 'action', value: { name: 'action', typedConfig: pack(Action, { name: policyName, action }) } } };
}
