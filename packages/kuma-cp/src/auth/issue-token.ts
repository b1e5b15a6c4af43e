import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { DataplaneClaims, UserClaims, ZoneClaims } from './claims.ts';
import type { SigningKey } from './key-ring.ts';
import type { TokenScope } from './token-scope.ts';
import type { TokenSecretsSource } from './token-secrets.ts';

/** There is no key to sign with: the mesh does not exist, or its secret was deleted. */
export class SigningKeyNotFound extends Error {
  override readonly name = 'SigningKeyNotFound';
}

/** Clocks differ: a token is good from a little before it was made. */
const backdatedSeconds = 5;

export interface TokenIssuer {
  /** @throws SigningKeyNotFound */
  dataplane(claims: DataplaneClaims, validForSeconds: number): Promise<string>;
  zone(claims: ZoneClaims, validForSeconds: number): Promise<string>;
  user(claims: UserClaims, validForSeconds: number): Promise<string>;
}

export function createTokenIssuer(secrets: TokenSecretsSource): TokenIssuer {
  const issue = async (scope: TokenScope, claims: object, validForSeconds: number) => {
    const { signing } = (await secrets.of(scope)).keys;
    if (!signing) throw new SigningKeyNotFound(missingKeyMessage(scope));
    return signToken(signing, claims, validForSeconds);
  };
  return {
    dataplane: (claims, seconds) => issue({ kind: 'dataplane', mesh: claims.Mesh }, claims, seconds),
    zone: (claims, seconds) => issue({ kind: 'zone' }, claims, seconds),
    user: (claims, seconds) => issue({ kind: 'user' }, claims, seconds),
  };
}

/** An RS256 JWT with the claims and the registered ones: `exp`, `nbf`, `iat`, `jti`. */
export async function signToken(key: SigningKey, claims: object, validForSeconds: number): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: key.kid, typ: 'JWT' })
    .setExpirationTime(now + Math.ceil(validForSeconds))
    .setNotBefore(now - backdatedSeconds)
    .setIssuedAt(now - backdatedSeconds)
    .setJti(randomUUID())
    .sign(key.privateKey);
}

function missingKeyMessage(scope: TokenScope): string {
  return scope.kind === 'dataplane'
    ? `there is no signing key for dataplane tokens of mesh "${scope.mesh}"; does the mesh exist?`
    : `there is no signing key for ${scope.kind} tokens`;
}
