import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** A self-signed CA certificate for the names, such as a control plane makes for itself. */
export async function selfSigned(names: readonly string[], notAfter = new Date(Date.now() + 3_600_000)): Promise<Certificate> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=control plane of a test',
      notBefore: new Date(notAfter.getTime() - 7_200_000),
      notAfter,
      keys: keys as webcrypto.CryptoKeyPair,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.SubjectAlternativeNameExtension(
          names.map((name) => ({ type: /^[\d.]+$/.test(name) ? 'ip' : 'dns', value: name }) as const),
        ),
      ],
    },
    webcrypto as Crypto,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    certificate: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n`,
  };
}
