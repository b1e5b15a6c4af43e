import type { Filter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { RBAC } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/rbac/v3/rbac.ts';
import { overAds } from '../envoy/values.ts';
import { connectionPermissionName } from '../permission/names.ts';

/** Closes connections of clients without permission; what is permitted comes apart, see `permission/connection-permissions.ts`. */
export function permissionFilter(listener: string): Filter {
  return {
    name: connectionPermissionName(listener),
    configType: {
      $case: 'configDiscovery',
      value: { configSource: overAds(), typeUrls: [`type.googleapis.com/${RBAC.$type}`] },
    },
  };
}
