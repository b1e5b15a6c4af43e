import type { JWTPayload } from 'jose';
import { isSameHost, type Peers } from './same-host.ts';
import { admin, anonymous, authenticated, type User } from './user.ts';
import type { VerifyToken } from './verify-token.ts';

export type Authentication = { readonly ok: true; readonly user: User } | { readonly ok: false; readonly reason: string };

/** Says who makes a request, from its `Authorization` header and the ends of its connection. */
export type Authenticate = (authorization: string | undefined, peers: Peers) => Promise<Authentication>;

/**
 * Whoever is on this host is the admin, whatever they send, unless `localhostIsAdmin` is off. Others show a user token;
 * without one, or with another scheme than Bearer, they are anonymous.
 */
export function createAuthenticator(options: { readonly localhostIsAdmin: boolean; readonly verify: VerifyToken }): Authenticate {
  const local: Authentication = { ok: true, user: authenticated(admin) };
  return async (authorization, peers) => {
    if (options.localhostIsAdmin && isSameHost(peers)) return local;
    const token = /^bearer\s+(.*)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return { ok: true, user: anonymous };
    const verified = await options.verify({ kind: 'user' }, token.trim());
    if (!verified.ok) return { ok: false, reason: `the user token is not valid: ${verified.reason}` };
    const user = readUser(verified.claims);
    return user
      ? { ok: true, user: authenticated(user) }
      : { ok: false, reason: 'the user token is not valid: it names no user' };
  };
}

function readUser(claims: JWTPayload): User | undefined {
  const { Name, Groups } = claims;
  if (typeof Name !== 'string' || Name === '') return undefined;
  const groups = Array.isArray(Groups) ? Groups.filter((group): group is string => typeof group === 'string') : [];
  return { name: Name, groups };
}
