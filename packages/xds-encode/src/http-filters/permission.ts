import type { PermissionIr } from '@kuma-mesh/core-model/ir/index.ts';
import { RBAC, RBACPerRoute } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/http/rbac/v3/rbac.ts';
import type { HttpFilter } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import type { Any } from '@kuma-mesh/envoy-api/generated/google/protobuf/any.ts';
import { extension, pack } from '../envoy/pack.ts';
import { permissionRules } from '../permission/rules.ts';

const name = 'envoy.filters.http.rbac';
const denialsName = `${name}.denials`;

/**
 * Refuse everybody: a permission stands at the route configuration, so that a change of it rules open connections too. Who is
 * denied is asked in a filter of its own, which is off where nobody is: one set of rules either allows or denies. Both count
 * and name under the same keys, so that what is denied is found in one place.
 */
export function permissionFilters(): HttpFilter[] {
  return [{ ...extension(denialsName, RBAC, {}), disabled: true }, extension(name, RBAC, { rules: { policies: {} } })];
}

/**
 * Nobody is asked. Said where mutual TLS is off: listeners of before that drain, and those of mutual TLS that come before
 * their routes, still ask, and would turn everybody away.
 */
export function noPermissionOfRoutes(): Record<string, Any> {
  return { [name]: pack(RBACPerRoute, {}) };
}

/** The permission of a route configuration, as its `typed_per_filter_config`. */
export function permissionOfRoutes(permission: PermissionIr): Record<string, Any> {
  const { denials, ...rest } = permissionRules(permission);
  return {
    ...(denials && { [denialsName]: pack(RBACPerRoute, { rbac: { rules: denials } }) }),
    [name]: pack(RBACPerRoute, { rbac: rest }),
  };
}
