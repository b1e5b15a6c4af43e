import type { FastifyRequest } from 'fastify';
import type { Access, Action } from '../auth/access.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { User } from '../auth/user.ts';
import { ApiError, accessDenied } from './api-error.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes the request; set before any handler that is not public runs. */
    user: User;
  }
}

/** @throws ApiError 401 when the credentials are wrong */
export async function authenticateRequest(request: FastifyRequest, authenticate: Authenticate): Promise<User> {
  const { remoteAddress, localAddress } = request.socket;
  const result = await authenticate(request.headers.authorization, { remoteAddress, localAddress });
  if (!result.ok) throw new ApiError(401, 'Invalid authentication data', result.reason);
  return result.user;
}

/** @throws ApiError 403 when the user of the request may not do this */
export function demand(access: Access, request: FastifyRequest, action: Action): void {
  const decision = access(request.user, action);
  if (!decision.allowed) throw accessDenied(decision.reason);
}
