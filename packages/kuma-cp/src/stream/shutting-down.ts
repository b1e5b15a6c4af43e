import { status } from '@grpc/grpc-js';

/** How streams end when the control plane does: Envoy looks for another one at once. */
export const shuttingDown = { code: status.UNAVAILABLE, details: 'the control plane is shutting down' } as const;
