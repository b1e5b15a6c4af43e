import { createECDH } from 'node:crypto';
import { bitString, der, objectIdentifier, octetString, positiveInteger, sequence } from './der.ts';

/** A key pair as DER. */
export interface WorkloadKey {
  /** SubjectPublicKeyInfo (RFC 5480). */
  readonly publicKey: Buffer;
  /** PKCS#8 with the key's ECPrivateKey (RFC 5208, RFC 5915). */
  readonly privateKey: Buffer;
}

/** Bytes of a private key on P-256. */
const size = 32;
const version0 = positiveInteger(Buffer.from([0]));
const version1 = positiveInteger(Buffer.from([1]));
/** id-ecPublicKey, on P-256. */
const algorithm = sequence(objectIdentifier('1.2.840.10045.2.1'), objectIdentifier('1.2.840.10045.3.1.7'));

/**
 * A fresh ECDSA key on P-256. The two forms differ in the key's numbers only; having OpenSSL write them takes twice as long
 * as making the key.
 */
export function createWorkloadKey(): WorkloadKey {
  const pair = createECDH('prime256v1');
  const point = bitString(pair.generateKeys());
  const secret = pair.getPrivateKey();
  // Without the zeros that a number begins with, one in 256 is shorter.
  const padded = Buffer.concat([Buffer.alloc(size - secret.length), secret]);
  return {
    publicKey: sequence(algorithm, point),
    privateKey: sequence(version0, algorithm, octetString(sequence(version1, octetString(padded), der(0xa1, point)))),
  };
}
