import { createHash, X509Certificate } from 'node:crypto';
import { signingPairProblems } from '../resources/ca-pair.ts';
import { IdentityError } from './identity-error.ts';

/** Who signs the certificates of a mesh's proxies. The key never leaves this folder. */
export interface Authority {
  /** Fingerprint of the certificate. */
  readonly id: string;
  /** Name of the mesh's mtls backend. */
  readonly backend: string;
  /** PEM: the signing certificate, then those above it, if any. */
  readonly certificate: string;
  /** PEM of those of them that are no roots: verifiers that trust the root alone need to be shown them. */
  readonly intermediates: string;
  /** PEM, of any form that OpenSSL reads. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
}

/**
 * Checks that the two belong together and may sign.
 * @throws IdentityError `authority-unavailable` that says what is wrong with which of them
 */
export function createAuthority(backend: string, certificate: string, key: string): Authority {
  const problems = signingPairProblems(Buffer.from(certificate), Buffer.from(key));
  if (problems.length > 0)
    throw new IdentityError(
      'authority-unavailable',
      `the certificate authority "${backend}" cannot be used: ${problems.map(({ part, reason }) => `${part} ${reason}`).join('; ')}`,
      'give the PEM certificate of a CA that is valid now, and the PEM private key that belongs to it',
    );
  const parsed = new X509Certificate(certificate);
  return Object.freeze({
    id: fingerprint(certificate),
    backend,
    certificate,
    intermediates: intermediatesOf(certificate),
    key,
    notAfter: Date.parse(parsed.validTo),
  });
}

/** Identifies a certificate by its first PEM block. */
export function fingerprint(certificate: string): string {
  return createHash('sha256').update(new X509Certificate(certificate).raw).digest('base64url');
}

function intermediatesOf(chain: string): string {
  const blocks = chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const intermediates = blocks.filter((block) => {
    const { subject, issuer } = new X509Certificate(block);
    return subject !== issuer;
  });
  return intermediates.map((block) => `${block}\n`).join('');
}
