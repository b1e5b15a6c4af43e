import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
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
  const problem = authorityProblem(certificate, key);
  if (problem !== undefined)
    throw new IdentityError(
      'authority-unavailable',
      `the certificate authority "${backend}" cannot be used: ${problem}`,
      'give a PEM certificate that is a CA and the PEM private key that belongs to it',
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

/** What keeps a pair from being a certificate authority; undefined when nothing does. */
export function authorityProblem(certificate: string, key: string): string | undefined {
  const parsed = attempt(() => new X509Certificate(certificate));
  if (parsed === undefined) return 'the certificate is not PEM of an X.509 certificate';
  if (!parsed.ca) return 'the certificate is not one of a certificate authority (basic constraints say CA:FALSE or nothing)';
  const privateKey = attempt(() => createPrivateKey(key));
  if (privateKey === undefined) return 'the key is not PEM of an unencrypted private key';
  if (!['rsa', 'ec'].includes(privateKey.asymmetricKeyType ?? '')) return 'the key is neither RSA nor ECDSA';
  if (!parsed.checkPrivateKey(privateKey)) return 'the key does not belong to the certificate';
  return undefined;
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

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    // The library's words may quote the input, and that may be a key.
    return undefined;
  }
}
