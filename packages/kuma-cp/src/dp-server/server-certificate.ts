import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** Whether a client that connects to `host` will find it among the certificate's subject alternative names. */
export function certificateNames(certificatePem: string, host: string): boolean {
  const certificate = new X509Certificate(certificatePem);
  const name = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host, { subject: 'never' });
  return name !== undefined;
}

/** Whether a PEM text is a certificate that may sign others; undefined when it is no certificate at all. */
export function isAuthority(pem: string): boolean | undefined {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return undefined;
  }
}
