import type { Admin } from '@kuma-mesh/envoy-api/generated/envoy/config/bootstrap/v3/bootstrap.ts';
import { socketAddress } from '../envoy/values.ts';
import type { AdminAddress } from './bootstrap-params.ts';

/** Nobody but the proxy's own user may open the socket: the admin interface asks for no credentials. */
export function admin(admin: AdminAddress): Admin {
  if (admin.kind === 'tcp') return { address: socketAddress(admin.address, admin.port) };
  return { address: { address: { $case: 'pipe', value: { path: admin.path, mode: 0o600 } } } };
}
