import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

/** A new RSA 2048 key as PKCS#1 PEM (`RSA PRIVATE KEY`), made in libuv's thread pool: it takes long enough to stall requests. */
export async function generateRsaKeyPem(): Promise<string> {
  const { privateKey } = await generate('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}
