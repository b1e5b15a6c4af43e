import type { Filter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { RBAC } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/rbac/v3/rbac.ts';
import { overAds } from '../envoy/values.ts';
import { connectionPermissionName, shadowPermissionName } from '../permission/names.ts';

/**
 * Closes connections of clients without permission, and counts those of clients that would have none; what is permitted comes
 * apart, see `permission/connection-permissions.ts`.
 */
export function permissionFilters(listener: string): Filter[] {
  return [connectionPermissionName(listener), shadowPermissionName(listener)].map((name) => ({
    name,
    configType: {
      $case: 'configDiscovery',
      value: { configSource: overAds(), typeUrls: [`type.googleapis.com/${RBAC.$type}`] },
    },
  }));
}
