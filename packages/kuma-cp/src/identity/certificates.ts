import 'reflect-metadata';
import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** Runs in the signing worker: the only module that makes certificates. Keys and certificates are PEM on its borders. */

/** A root, self-signed. Times are milliseconds since the epoch. */
export interface RootRequest {
  readonly kind: 'root';
  readonly commonName: string;
  readonly uri: string;
  readonly key: { readonly type: 'ecdsa' } | { readonly type: 'rsa'; readonly bits: number };
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A workload's certificate with a fresh ECDSA P-256 key. Times are milliseconds since the epoch. */
export interface LeafRequest {
  readonly kind: 'leaf';
  readonly authority: { readonly id: string; readonly certificate: string; readonly key: string };
  readonly uris: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface CertificateAndKey {
  readonly certificate: string;
  /** A root's: PKCS#1 for RSA, SEC 1 for ECDSA. A leaf's: PKCS#8. */
  readonly key: string;
}

const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const hashOfCurve: Readonly<Record<string, string>> = { 'P-256': 'SHA-256', 'P-384': 'SHA-384', 'P-521': 'SHA-512' };
const curveNames: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

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

/** A certificate authority that is ready to sign. */
export interface Issuer {
  readonly certificate: x509.X509Certificate;
  readonly key: CryptoKey;
  readonly algorithm: { readonly name: string; readonly hash: string; readonly namedCurve?: string };
}

/** @throws when the key is neither RSA nor one of the NIST curves, or either text is not PEM */
export async function loadIssuer(authority: { readonly certificate: string; readonly key: string }): Promise<Issuer> {
  const key = createPrivateKey(authority.key);
  const algorithm = signatureAlgorithm(key);
  return {
    certificate: new x509.X509Certificate(authority.certificate),
    algorithm,
    key: await crypto.subtle.importKey('pkcs8', key.export({ format: 'der', type: 'pkcs8' }), algorithm, false, ['sign']),
  };
}

export async function createLeaf(issuer: Issuer, request: LeafRequest): Promise<CertificateAndKey> {
  const keys = await crypto.subtle.generateKey(p256, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    // No subject: the identity is in the names, which are critical for that reason (RFC 5280, 4.2.1.6).
    subject: '',
    issuer: issuer.certificate.subjectName,
    notBefore: new Date(request.notBefore),
    notAfter: new Date(request.notAfter),
    publicKey: keys.publicKey,
    signingKey: issuer.key,
    signingAlgorithm: issuer.algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      // Two roots of one mesh may share a name while one replaces the other; the key identifier tells them apart.
      await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
      new x509.SubjectAlternativeNameExtension(
        request.uris.map((value) => ({ type: 'url', value })),
        true,
      ),
    ],
  });
  const key = createPrivateKey({ key: await privateKeyDer(keys.privateKey), format: 'der', type: 'pkcs8' });
  return { certificate: pem(certificate), key: key.export({ format: 'pem', type: 'pkcs8' }) as string };
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

function signatureAlgorithm(key: KeyObject): Issuer['algorithm'] {
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const curve = key.asymmetricKeyType === 'ec' ? curveNames[key.asymmetricKeyDetails?.namedCurve ?? ''] : undefined;
  if (curve === undefined) throw new Error('the key of a certificate authority must be RSA, or ECDSA on P-256, P-384 or P-521');
  return { name: 'ECDSA', namedCurve: curve, hash: hashOfCurve[curve]! };
}
