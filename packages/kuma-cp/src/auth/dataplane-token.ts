import type { JWTPayload } from 'jose';
import type { VerifyToken } from './verify-token.ts';

/** The proxy that shows a token. */
export interface TokenBearer {
  readonly mesh: string;
  readonly name: string;
  /** Every value that the proxy's inbounds, or its gateway, have of each tag. */
  readonly tags: ReadonlyMap<string, ReadonlySet<string>>;
  readonly type: 'dataplane' | 'ingress' | 'egress';
  /** Value of the label `kuma.io/workload`, when it has one. */
  readonly workload?: string | undefined;
}

export type TokenVerdict =
  | { readonly ok: true }
  | { readonly ok: false /** For the peer; says nothing of the token's content but ids. */; readonly reason: string };

/** Whether a dataplane token lets this proxy in. Cheap for a token that was seen before. */
export type VerifyDataplaneToken = (token: string | undefined, proxy: TokenBearer) => Promise<TokenVerdict>;

export function createDataplaneTokenVerifier(verify: VerifyToken): VerifyDataplaneToken {
  return async (token, proxy) => {
    if (!token)
      return { ok: false, reason: 'no dataplane token was given; generate one with "kumactl generate dataplane-token"' };
    const verified = await verify({ kind: 'dataplane', mesh: proxy.mesh }, token);
    if (!verified.ok)
      return { ok: false, reason: `the dataplane token is not valid in mesh "${proxy.mesh}": ${verified.reason}` };
    const mismatch = findMismatch(verified.claims, proxy);
    return mismatch === undefined ? { ok: true } : { ok: false, reason: `the dataplane token is for another proxy: ${mismatch}` };
  };
}

/** What about the proxy the claims do not cover; undefined when they cover it. An empty claim covers everything. */
export function findMismatch(claims: JWTPayload, proxy: TokenBearer): string | undefined {
  const type = text(claims.Type) || 'dataplane';
  if (type !== proxy.type) return `it is for proxies of type "${type}", this one is of type "${proxy.type}"`;
  if (text(claims.Mesh) !== '' && claims.Mesh !== proxy.mesh)
    return `it is for mesh "${claims.Mesh}", the proxy is in mesh "${proxy.mesh}"`;
  if (text(claims.Name) !== '' && claims.Name !== proxy.name)
    return `it is for name "${claims.Name}", the proxy is "${proxy.name}"`;
  const workload = text(claims.Workload);
  if (workload !== '' && workload !== proxy.workload)
    return `it is for workload "${workload}", the proxy has "${proxy.workload ?? ''}"`;
  return tagMismatch(claims.Tags, proxy);
}

function tagMismatch(tags: unknown, proxy: TokenBearer): string | undefined {
  for (const [tag, allowed] of Object.entries(tags ?? {})) {
    const values = proxy.tags.get(tag);
    if (!values || values.size === 0) return `it asks for the tag "${tag}", which the proxy does not have`;
    for (const value of values) {
      if (!Array.isArray(allowed) || !allowed.includes(value))
        return `it does not allow the value "${value}" of the tag "${tag}"`;
    }
  }
  return undefined;
}

function text(claim: unknown): string {
  return typeof claim === 'string' ? claim : '';
}
