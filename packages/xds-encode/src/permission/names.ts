/** Name of the runtime layer, and of its resource, that holds which permissions are in force. */
export const permissionRuntime = 'kuma_permissions';

/** Name of a listener's permission for connections. */
export function connectionPermissionName(listener: string): string {
  return `permission:${listener}`;
}
