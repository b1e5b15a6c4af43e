import type { IdentityMaterial } from '../pipeline/material.ts';
import type { Authority } from './authority.ts';
import { IdentityError } from './identity-error.ts';
import { clockSkew } from './leaf-life.ts';
import type { SigningPool } from './signing-pool.ts';

/** What a proxy's certificate was asked to be; another one is needed when any of it differs. */
export interface LeafTerms {
  readonly uris: readonly string[];
  readonly authority: Authority;
  /** Milliseconds. */
  readonly lifetime: number;
}

export function sameTerms(a: LeafTerms, b: LeafTerms): boolean {
  return a.authority.id === b.authority.id && a.lifetime === b.lifetime && a.uris.join('\n') === b.uris.join('\n');
}

/** @throws IdentityError `authority-expired`, `signing-failed` */
export async function issueLeaf(
  pool: Pick<SigningPool, 'sign'>,
  { uris, authority, lifetime }: LeafTerms,
): Promise<IdentityMaterial> {
  const issued = Date.now();
  // A certificate that outlives its authority would end with it all the same. Certificates know whole seconds.
  const notAfter = Math.floor(Math.min(issued + lifetime, authority.notAfter) / 1000) * 1000;
  if (notAfter <= issued)
    throw new IdentityError(
      'authority-expired',
      `the certificate authority "${authority.backend}" expired at ${new Date(authority.notAfter).toISOString()}`,
      'replace it, or enable another mtls backend',
    );
  const { id, certificate, key } = authority;
  const leaf = await pool.sign({
    kind: 'leaf',
    authority: { id, certificate, key },
    uris,
    notBefore: issued - clockSkew,
    notAfter,
  });
  return Object.freeze({
    kind: 'identity',
    certificateChain: leaf.certificate + authority.intermediates,
    privateKey: leaf.key,
    issued: new Date(issued),
    notAfter: new Date(notAfter),
    backend: authority.backend,
  });
}
