import type { JWTPayload } from 'jose';
import { compactVerify, errors } from 'jose';
import { LruMap } from './lru-map.ts';
import type { TokenScope } from './token-scope.ts';
import type { TokenSecrets, TokenSecretsSource } from './token-secrets.ts';

export type Verified = { readonly ok: true; readonly claims: JWTPayload } | { readonly ok: false; readonly reason: string };

export type VerifyToken = (scope: TokenScope, token: string) => Promise<Verified>;

/** Tokens whose signature was checked and is not checked again, for each set of keys. */
const rememberedTokens = 10_000;

/**
 * Verifies signature, times and revocation. A signature is checked once per token and set of keys: whoever reconnects
 * with a known token costs a look-up. Times and revocation are looked at every time.
 */
export function createTokenVerifier(secrets: TokenSecretsSource): VerifyToken {
  // Goes with the secrets: when a key is removed, what it signed is unknown again.
  const remembered = new WeakMap<TokenSecrets, LruMap<string, JWTPayload>>();

  return async (scope, token) => {
    const current = await secrets.of(scope);
    const known = remembered.get(current) ?? new LruMap<string, JWTPayload>(rememberedTokens);
    remembered.set(current, known);
    let claims = known.get(token);
    if (!claims) {
      const checked = await checkSignature(token, current);
      if (!checked.ok) return checked;
      claims = checked.claims;
      known.set(token, claims);
    }
    return checkTimesAndRevocation(claims, current);
  };
}

async function checkSignature(token: string, { keys }: TokenSecrets): Promise<Verified> {
  try {
    const { payload } = await compactVerify(
      token,
      ({ kid }) => {
        const key = keys.verifying.get(kid ?? '');
        if (!key)
          throw new UnknownKey(kid === undefined ? 'it names no signing key (kid)' : `its signing key (kid "${kid}") is unknown`);
        return key;
      },
      { algorithms: ['RS256'] },
    );
    return readClaims(new TextDecoder().decode(payload));
  } catch (error) {
    return { ok: false, reason: signatureProblem(error) };
  }
}

function readClaims(payload: string): Verified {
  const claims: unknown = JSON.parse(payload);
  if (typeof claims !== 'object' || claims === null) return { ok: false, reason: 'its claims are no object' };
  const { exp, nbf = 0, jti = '' } = claims as JWTPayload;
  if (typeof exp !== 'number') return { ok: false, reason: 'it does not say when it expires (exp)' };
  if (typeof nbf !== 'number' || typeof jti !== 'string')
    return { ok: false, reason: 'its claim "nbf" or "jti" is of the wrong type' };
  return { ok: true, claims: claims as JWTPayload };
}

class UnknownKey extends Error {}

function signatureProblem(error: unknown): string {
  if (error instanceof UnknownKey) return error.message;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'it is not signed with RS256';
  if (error instanceof errors.JOSEError || error instanceof SyntaxError) return 'it is not a JSON Web Token';
  throw error;
}

function checkTimesAndRevocation(claims: JWTPayload, { revoked }: TokenSecrets): Verified {
  const now = Date.now() / 1000;
  if (claims.exp === undefined || claims.exp <= now) return { ok: false, reason: `it expired at ${time(claims.exp)}` };
  if (claims.nbf !== undefined && claims.nbf > now) return { ok: false, reason: `it is not valid before ${time(claims.nbf)}` };
  if (claims.jti !== undefined && revoked.has(claims.jti)) return { ok: false, reason: `it was revoked (jti "${claims.jti}")` };
  return { ok: true, claims };
}

function time(seconds: number | undefined): string {
  return seconds === undefined ? 'no time' : new Date(seconds * 1000).toISOString();
}
