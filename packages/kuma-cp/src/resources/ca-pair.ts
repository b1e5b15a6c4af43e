import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

export interface PairProblem {
  readonly part: 'cert' | 'key';
  readonly reason: string;
}

/** Why a certificate and a key cannot issue the certificates of proxies. Shows neither. */
export function signingPairProblems(cert: Buffer, key: Buffer): readonly PairProblem[] {
  const certificate = readCertificate(cert);
  const privateKey = readKey(key);
  const problems: PairProblem[] = [];
  if (!certificate) problems.push({ part: 'cert', reason: 'must be a PEM certificate' });
  if (!privateKey) problems.push({ part: 'key', reason: 'must be a PEM private key without a passphrase' });
  if (certificate && !certificate.ca)
    problems.push({ part: 'cert', reason: 'must be the certificate of a CA (basic constraint CA)' });
  if (certificate && certificate.validToDate < new Date()) {
    problems.push({ part: 'cert', reason: `expired at ${certificate.validToDate.toISOString()}` });
  }
  if (certificate && privateKey && !certificate.checkPrivateKey(privateKey)) {
    problems.push({ part: 'key', reason: 'does not belong to the certificate' });
  }
  return problems;
}

function readCertificate(pem: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function readKey(pem: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    // The reason could quote the key.
    return undefined;
  }
}
