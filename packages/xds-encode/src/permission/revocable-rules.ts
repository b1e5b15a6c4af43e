/**
 * Permissions of connections that can be taken back while they are open. Envoy keeps a filter's configuration for the life
 * of a connection, so the rule itself cannot change under it; what can change is the runtime, which rules ask for at every
 * piece of data that a client sends:
 *
 *   rule: client is spiffe://m/web, and runtime kuma.permission.<hash of rule and inbound> is on
 *
 *   rule added    the key is switched on, then new connections get the rule; open ones see nothing
 *   rule removed  the key is gone: connections that only this rule let in are closed, the others see nothing
 *
 * Each client that a policy lists has a rule of its own, so that a list can change around those who stay.
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
import { all, any, clientPredicate, ofUris } from './client-predicate.ts';

/** Who may connect; nobody where no rule allows it. */
export function revocableMatcher(inbound: string, permission: PermissionIr): Matcher {
  const denied = clients(permission, 'Deny').map(clientPredicate);
  const matchers = [
    ...(denied.length === 0 ? [] : [{ predicate: any(denied), onMatch: action(RBAC_Action.DENY) }]),
    ...keyedClients(inbound, permission).map(({ key, client }) => ({
      predicate: all([clientPredicate(client), switchedOn(key)]),
      onMatch: action(RBAC_Action.ALLOW),
    })),
  ];
  return {
    ...(matchers.length > 0 && { matcherType: { $case: 'matcherList', value: { matchers } } }),
    onNoMatch: action(RBAC_Action.DENY),
  };
}

/** Runtime keys that must be on for the rules in force. */
export function runtimeKeys(inbound: string, permission: PermissionIr): readonly string[] {
  return keyedClients(inbound, permission).map(({ key }) => key);
}

/** What is denied to some of a rule's clients is part of its key: who is newly denied may have come in by it. */
function keyedClients(inbound: string, permission: PermissionIr): readonly { key: string; client: ClientMatchIr }[] {
  const deniedAmong = deniedClients(clients(permission, 'Deny'));
  const allowed = [...clients(permission, 'Allow'), ...clients(permission, 'AllowWithShadowDeny')];
  const keyed = allowed.map((client) => [keyOf({ inbound, client, denied: deniedAmong(client) }), client] as const);
  return [...new Map(keyed)].map(([key, client]) => ({ key, client }));
}

/** Looks exact ids up, as there may be thousands on both sides. */
function deniedClients(denied: readonly ClientMatchIr[]): (client: ClientMatchIr) => readonly ClientMatchIr[] {
  const exact = new Map(denied.filter(isExact).map((client) => [client.value, client]));
  const others = denied.filter((client) => !isExact(client));
  return (client) => {
    if (!isExact(client)) return denied.filter((other) => mayBeOneClient(client, other));
    const same = exact.get(client.value);
    return [...(same ? [same] : []), ...others.filter((other) => mayBeOneClient(client, other))];
  };
}

type ExactId = Extract<ClientMatchIr, { kind: 'spiffeId' }>;

function isExact(client: ClientMatchIr): client is ExactId {
  return client.kind === 'spiffeId' && client.match === 'exact';
}

/** Of SPIFFE ids a proxy has one. */
function mayBeOneClient(one: ClientMatchIr, other: ClientMatchIr): boolean {
  if (one.kind !== 'spiffeId' || other.kind !== 'spiffeId') return true;
  const [short, long] = one.value.length < other.value.length ? [one, other] : [other, one];
  return short.match === 'prefix' ? long.value.startsWith(short.value) : short.value === long.value;
}

function keyOf(rule: object): string {
  return `kuma.permission.${hash('sha256', JSON.stringify(rule), 'base64url').slice(0, 22)}`;
}

function clients(permission: PermissionIr, action: PermissionIr['rules'][number]['action']): readonly ClientMatchIr[] {
  const stated = permission.rules.filter((rule) => rule.action === action).map((rule) => rule.client);
  return stated.flatMap((client) => (client.kind === 'or' ? client.of : [client]));
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
