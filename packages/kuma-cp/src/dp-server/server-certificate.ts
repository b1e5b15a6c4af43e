import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** Whether a client that connects to `host` will find it among the certificate's subject alternative names. */
export function certificateNames(certificatePem: string, host: string): boolean {
  const { certificate, names } = read(certificatePem);
  const seen = names.get(host);
  if (seen !== undefined) return seen;
  const found = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host, { subject: 'never' });
  return keep(names, host, found !== undefined);
}

/** Whether a PEM text is a certificate that may sign others; undefined when it is no certificate at all. */
export function isAuthority(pem: string): boolean | undefined {
  try {
    return read(pem).authority;
  } catch {
    return undefined;
  }
}

interface ReadCertificate {
  readonly certificate: X509Certificate;
  readonly authority: boolean;
  /** Hosts that were looked for among its names. */
  readonly names: Map<string, boolean>;
}

/** All sidecars come with the same few; reading one costs as much as the rest of a bootstrap, looking up a host a twentieth. */
const known = new Map<string, ReadCertificate>();
/** Certificates, and hosts of each: peers may send any. */
const mostKnown = 16;

function read(pem: string): ReadCertificate {
  const seen = known.get(pem);
  if (seen !== undefined) return seen;
  const certificate = new X509Certificate(pem);
  return keep(known, pem, { certificate, authority: certificate.ca, names: new Map() });
}

function keep<Value>(entries: Map<string, Value>, key: string, value: Value): Value {
  if (entries.size >= mostKnown) entries.clear();
  entries.set(key, value);
  return value;
}
