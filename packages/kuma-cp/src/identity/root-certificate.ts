import 'reflect-metadata';
import { createPrivateKey, randomBytes } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A root, self-signed. Times are milliseconds since the epoch. */
export interface RootRequest {
  readonly kind: 'root';
  readonly commonName: string;
  readonly uri: string;
  readonly key: { readonly type: 'ecdsa' } | { readonly type: 'rsa'; readonly bits: number };
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Both PEM. */
export interface CertificateAndKey {
  readonly certificate: string;
  /** PKCS#1 for RSA, SEC 1 for ECDSA. */
  readonly key: string;
}

const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export async function createRoot(request: RootRequest): Promise<CertificateAndKey> {
  const algorithm =
    request.key.type === 'ecdsa'
      ? p256
      : {
          name: 'RSASSA-PKCS1-v1_5',
          hash: 'SHA-256',
          modulusLength: request.key.bits,
          publicExponent: new Uint8Array([1, 0, 1]),
        };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ O: ['Kuma'] }, { OU: ['Mesh'] }, { CN: [request.commonName.slice(0, 64)] }],
    notBefore: new Date(request.notBefore),
    notAfter: new Date(request.notAfter),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: request.uri }]),
    ],
  });
  const key = createPrivateKey({ key: await privateKeyDer(keys.privateKey), format: 'der', type: 'pkcs8' });
  return {
    certificate: pem(certificate),
    key: key.export({ format: 'pem', type: request.key.type === 'rsa' ? 'pkcs1' : 'sec1' }) as string,
  };
}

async function privateKeyDer(key: CryptoKey): Promise<Buffer> {
  return Buffer.from(await crypto.subtle.exportKey('pkcs8', key));
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem').trimEnd()}\n`;
}

/** 128 random bits, positive (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}
