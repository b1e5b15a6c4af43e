import type { NetworkFilterIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Filter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { RBAC } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/rbac/v3/rbac.ts';
import { extension } from '../envoy/pack.ts';
import { permissionRules } from '../permission/rules.ts';

type PermissionFilterIr = Extract<NetworkFilterIr, { kind: 'permission' }>;

/** Closes connections of clients without permission. */
export function permissionFilter({ permission, statPrefix }: PermissionFilterIr): Filter {
  return extension('envoy.filters.network.rbac', RBAC, { ...permissionRules(permission), statPrefix });
}
