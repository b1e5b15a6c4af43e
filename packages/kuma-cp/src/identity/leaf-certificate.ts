import 'reflect-metadata';
import { createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { X509Certificate } from '@peculiar/x509';
import { bitString, der, objectIdentifier, octetString, positiveInteger, sequence, time } from './der.ts';
import { createWorkloadKey } from './workload-key.ts';

/**
 * Workloads' certificates, written as DER by hand: they differ in a few places only, and a general ASN.1 library takes
 * some thirty times as long, which is felt when a thousand proxies connect at once. Roots, which are rare, and reading are
 * the library's.
 */

/** A certificate authority that is ready to sign. */
export interface Issuer {
  readonly name: Buffer;
  readonly key: KeyObject;
  readonly hash: string;
  readonly signatureAlgorithm: Buffer;
  /** Empty when its certificate does not name its key. */
  readonly authorityKeyIdentifier: Buffer;
  /** Its own alternative names, as an extension; empty when it has none. */
  readonly names: Buffer;
}

export interface LeafContent {
  /** What it names; `as-authority`: what its authority names. */
  readonly uris: readonly string[] | 'as-authority';
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
}

/** @throws when the key is neither RSA nor one of the NIST curves, or either text is not PEM */
export function loadIssuer(authority: { readonly certificate: string; readonly key: string }): Issuer {
  const certificate = new X509Certificate(authority.certificate);
  const key = createPrivateKey(authority.key);
  return {
    name: Buffer.from(certificate.subjectName.toArrayBuffer()),
    key,
    ...signatureOf(key),
    authorityKeyIdentifier: authorityKeyIdentifier(certificate),
    names: namesOf(certificate),
  };
}

/** A certificate in PEM for a fresh ECDSA P-256 key, and the key in PKCS#8. */
export function createLeaf(issuer: Issuer, { uris, notBefore, notAfter }: LeafContent): { certificate: string; key: string } {
  const key = createWorkloadKey();
  const content = sequence(
    version3,
    positiveInteger(serialNumber()),
    issuer.signatureAlgorithm,
    issuer.name,
    sequence(time(notBefore), time(notAfter)),
    // No subject: the identity is in the names, which are critical for that reason (RFC 5280, 4.1.2.6).
    sequence(),
    key.publicKey,
    der(
      0xa3,
      sequence(
        ...constantExtensions,
        issuer.authorityKeyIdentifier,
        uris === 'as-authority' ? issuer.names : subjectAlternativeNames(uris),
      ),
    ),
  );
  const certificate = sequence(content, issuer.signatureAlgorithm, bitString(sign(issuer.hash, content, issuer.key)));
  return { certificate: pem('CERTIFICATE', certificate), key: pem('PRIVATE KEY', key.privateKey) };
}

const alternativeNames = '2.5.29.17';
const critical = Buffer.from([0x01, 0x01, 0xff]);
const version3 = der(0xa0, positiveInteger(Buffer.from([2])));

const constantExtensions = [
  // Basic constraints: no authority.
  extension('2.5.29.19', sequence(), critical),
  // Key usage: digital signatures, the first of the bits.
  extension('2.5.29.15', bitString(Buffer.from([0x80]), 7), critical),
  // Extended key usage: server and client of TLS.
  extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'), objectIdentifier('1.3.6.1.5.5.7.3.2'))),
];

function extension(id: string, value: Uint8Array, ...flags: readonly Uint8Array[]): Buffer {
  return sequence(objectIdentifier(id), ...flags, octetString(value));
}

function subjectAlternativeNames(uris: readonly string[]): Buffer {
  return extension(alternativeNames, sequence(...uris.map((uri) => der(0x86, Buffer.from(uri)))), critical);
}

function namesOf(certificate: X509Certificate): Buffer {
  const names = certificate.getExtension(alternativeNames);
  return names === null ? Buffer.alloc(0) : extension(alternativeNames, new Uint8Array(names.value), critical);
}

function signatureOf(key: KeyObject): Pick<Issuer, 'hash' | 'signatureAlgorithm'> {
  if (key.asymmetricKeyType === 'rsa') {
    const none = Buffer.from([0x05, 0x00]);
    return { hash: 'sha256', signatureAlgorithm: sequence(objectIdentifier('1.2.840.113549.1.1.11'), none) };
  }
  const ecdsa = key.asymmetricKeyType === 'ec' ? ecdsaOfCurve[key.asymmetricKeyDetails?.namedCurve ?? ''] : undefined;
  if (ecdsa === undefined) throw new Error('the key of a certificate authority must be RSA, or ECDSA on P-256, P-384 or P-521');
  return { hash: ecdsa.hash, signatureAlgorithm: sequence(objectIdentifier(ecdsa.id)) };
}

const ecdsaOfCurve: Readonly<Record<string, { readonly hash: string; readonly id: string }>> = {
  prime256v1: { hash: 'sha256', id: '1.2.840.10045.4.3.2' },
  secp384r1: { hash: 'sha384', id: '1.2.840.10045.4.3.3' },
  secp521r1: { hash: 'sha512', id: '1.2.840.10045.4.3.4' },
};

/** Names the issuer's key as its own certificate does, as verifiers compare the two: two roots of one mesh may share a name. */
function authorityKeyIdentifier(certificate: X509Certificate): Buffer {
  const own = certificate.getExtension('2.5.29.14');
  if (own === null) return Buffer.alloc(0);
  // The value is an octet string in itself: a tag, one byte of length, the identifier.
  return extension('2.5.29.35', sequence(der(0x80, new Uint8Array(own.value).subarray(2))));
}

/** 128 bits, of which 126 are random: positive, and without a leading zero (RFC 5280, 4.1.2.2). */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes;
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
