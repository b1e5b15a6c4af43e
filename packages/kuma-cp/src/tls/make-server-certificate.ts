import 'reflect-metadata';
import { createPrivateKey, randomBytes } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { KeyPair } from './server-tls.ts';

export interface ServerNames {
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
}

const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;
const day = 24 * 3600_000;

/**
 * A new key, and a certificate for ten years that serves under all of `names` and may sign others.
 * @param authority who signs it, and stands behind it in the chain; itself when absent
 */
export async function makeServerCertificate(names: ServerNames, authority?: KeyPair): Promise<KeyPair> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const now = Date.now();
  const { digitalSignature, keyEncipherment, keyCertSign } = x509.KeyUsageFlags;
  const issuer = authority && new x509.X509Certificate(authority.cert);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    // OpenSSL refuses an authority without a subject, and takes one that has its issuer's for a root.
    subject: [{ O: ['Kuma'] }, { CN: [issuer ? `kuma-control-plane ${serialNumber().slice(0, 8)}` : 'kuma-control-plane'] }],
    issuer: issuer?.subject ?? [{ O: ['Kuma'] }, { CN: ['kuma-control-plane'] }],
    notBefore: new Date(now - 5 * 60_000),
    notAfter: new Date(now + 3650 * day),
    publicKey: keys.publicKey,
    signingKey: authority ? await signingKey(authority.key) : keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(digitalSignature | keyEncipherment | keyCertSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(issuer ? [await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey)] : []),
      new x509.SubjectAlternativeNameExtension([
        ...new Set(names.dnsNames.map((value) => value.toLowerCase())).values().map((value) => ({ type: 'dns' as const, value })),
        ...names.addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
    ],
  });
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    cert: `${certificate.toString('pem')}\n${authority?.cert ?? ''}`,
    key: `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`,
  };
}

function signingKey(pem: string): Promise<CryptoKey> {
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  return crypto.subtle.importKey('pkcs8', new Uint8Array(der), algorithm, false, ['sign']);
}

/** Positive, whatever the random bytes are. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0]! &= 0x7f;
  return bytes.toString('hex');
}
