import { type ListenerIr, type PermissionIr, statName } from '@kuma-mesh/core-model/ir/index.ts';
import { TypedExtensionConfig } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/extension.ts';
import { RBAC, RBAC_EnforcementType } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/rbac/v3/rbac.ts';
import { Runtime } from '@kuma-mesh/envoy-api/generated/envoy/service/runtime/v3/rtds.ts';
import { saysPermission } from '../access-logs/template.ts';
import { type EncodedResource, moreTypeUrls } from '../encoded.ts';
import { pack } from '../envoy/pack.ts';
import { encodedResource, oncePerObject } from '../resource.ts';
import { namesOfDecisions } from './decisions.ts';
import { connectionPermissionName, namedPrefix, permissionRuntime, shadowPermissionName } from './names.ts';
import { revocableMatcher, runtimeKeys } from './revocable-rules.ts';
import { shadowRules } from './rules.ts';

/** Permissions apart from their listeners: a change of a listener's filters would close all its connections in the end. */
export const connectionPermissions = oncePerObject((listener: ListenerIr): readonly EncodedResource[] =>
  permissionsOf(listener).flatMap(({ permission }) => [enforced(listener, permission), counted(listener, permission)]),
);

/** Asked at every piece of data, as a permission may be taken back. */
function enforced(listener: ListenerIr, permission: PermissionIr): EncodedResource {
  const names = { shadowMatcher: namesOfDecisions(permission), shadowRulesStatPrefix: namedPrefix };
  const resource = encodedPermission(connectionPermissionName(listener.name), permission, {
    statPrefix: statName(listener.name),
    matcher: revocableMatcher(listener.name, permission),
    ...(isNamedInLogs(listener) && names),
    enforcementType: RBAC_EnforcementType.CONTINUOUS,
  });
  return Object.freeze({ ...resource, keys: runtimeKeys(listener.name, permission) });
}

/** What would be denied, asked once for each connection, so that it is connections that are counted. */
function counted(listener: ListenerIr, permission: PermissionIr): EncodedResource {
  const name = shadowPermissionName(listener.name);
  return encodedPermission(name, permission, { statPrefix: statName(listener.name), ...shadowRules(permission) });
}

function encodedPermission(name: string, permission: PermissionIr, config: RBAC): EncodedResource {
  const bytes = TypedExtensionConfig.encode({ name, typedConfig: pack(RBAC, config) }).finish();
  return encodedResource(moreTypeUrls.extension, name, bytes, originsOf(permission));
}

/** The rules in force of all listeners, for those that are open and for those to come. */
export function permissionsInForce(listeners: readonly ListenerIr[]): EncodedResource {
  const keys = keysOfPermissions(listeners.flatMap(connectionPermissions));
  return keys.length === 0 ? noneInForce : runtimeOf(keys);
}

function runtimeOf(keys: string[]): EncodedResource {
  return runtime(Object.fromEntries(keys.sort().map((key) => [key, 100])));
}

/** The rules in force before and now together; asked for again and again until the peer has the new ones. */
export const permissionsOfBoth = oncePerObject((before: EncodedResource) =>
  oncePerObject((now: EncodedResource) => runtimeOf([...new Set([before, now].flatMap(keysOf))])),
);

/** The rules in force now, and those by which connections came in that drain. */
export function permissionsWithDraining(now: EncodedResource, draining: readonly EncodedResource[]): EncodedResource {
  const inForce = keysOf(now);
  const all = new Set([...inForce, ...keysOfPermissions(draining)]);
  return all.size === inForce.length ? now : runtimeOf([...all]);
}

function keysOfPermissions(permissions: readonly EncodedResource[]): string[] {
  return permissions.flatMap(({ keys = [] }) => keys);
}

function keysOf({ bytes }: EncodedResource): readonly string[] {
  return Object.keys(Runtime.decode(bytes).layer ?? {});
}

const noneInForce = runtime({});

function runtime(layer: Record<string, number>): EncodedResource {
  return encodedResource(moreTypeUrls.runtime, permissionRuntime, Runtime.encode({ name: permissionRuntime, layer }).finish());
}

function permissionsOf(listener: ListenerIr) {
  if (listener.kind !== 'inbound' || listener.handler.kind !== 'tcp') return [];
  return listener.handler.filters.filter((filter) => filter.kind === 'permission');
}

/** Naming costs a second look at every piece of data, so it is done only where somebody reads the names. */
function isNamedInLogs(listener: ListenerIr): boolean {
  return listener.kind === 'inbound' && (listener.handler.accessLogs ?? []).some(saysPermission);
}

function originsOf(permission: PermissionIr) {
  return permission.rules.map(({ origin }) => origin);
}
