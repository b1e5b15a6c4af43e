// The certificate library needs it, first.
import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const tenYears = 10 * 365 * 24 * 3600 * 1000;

const algorithms = {
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  ecdsa: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
} as const;

/** A key and a certificate signed by itself, valid for ten years. @returns PEM of both */
export async function selfSigned(options: {
  readonly server: boolean;
  readonly hosts: readonly string[];
  readonly keyType: 'rsa' | 'ecdsa';
}): Promise<{ certificate: string; key: string }> {
  const algorithm = algorithms[options.keyType];
  const keys = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const names = options.hosts.map((host) => ({ type: isIP(host) ? ('ip' as const) : ('dns' as const), value: host }));
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${options.hosts[0] ?? 'kuma-client'}`,
    notBefore: new Date(Date.now() - 10_000),
    notAfter: new Date(Date.now() + tenYears),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      // A client of the control plane takes the certificate itself as its CA.
      new BasicConstraintsExtension(options.server, undefined, true),
      new KeyUsagesExtension(
        KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment | (options.server ? KeyUsageFlags.keyCertSign : 0),
        true,
      ),
      new ExtendedKeyUsageExtension([options.server ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth]),
      ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { certificate: `${certificate.toString('pem')}\n`, key: `${key}\n` };
}
