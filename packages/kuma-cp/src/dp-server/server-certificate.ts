import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** Whether a client that connects to `host` will find it among the certificate's subject alternative names. */
export function certificateNames(certificatePem: string, host: string): boolean {
  const certificate = parsed(certificatePem);
  const name = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host, { subject: 'never' });
  return name !== undefined;
}

/** Whether a PEM text is a certificate that may sign others; undefined when it is no certificate at all. */
export function isAuthority(pem: string): boolean | undefined {
  try {
    return parsed(pem).ca;
  } catch {
    return undefined;
  }
}

/** All sidecars come with the same few; reading one costs as much as the rest of a bootstrap. */
const known = new Map<string, X509Certificate>();
const mostKnown = 16;

function parsed(pem: string): X509Certificate {
  const seen = known.get(pem);
  if (seen !== undefined) return seen;
  const certificate = new X509Certificate(pem);
  if (known.size >= mostKnown) known.clear();
  known.set(pem, certificate);
  return certificate;
}
