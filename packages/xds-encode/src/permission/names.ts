/** Name of the runtime layer, and of its resource, that holds which permissions are in force. */
export const permissionRuntime = 'kuma_permissions';

/** Name of a listener's permission for connections. */
export function connectionPermissionName(listener: string): string {
  return `permission:${listener}`;
}

/** Name of what would be denied to a listener's connections, which only counts. */
export function shadowPermissionName(listener: string): string {
  return `shadow-permission:${listener}`;
}

/** Stands before what the filter with the permission itself says of its shadow engine, which it has for names in logs. */
export const namedPrefix = 'named.';
