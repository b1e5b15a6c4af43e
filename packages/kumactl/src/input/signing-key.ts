import { createPrivateKey, type KeyObject } from 'node:crypto';
import { CliError } from '../cli-error.ts';
import { readFile } from '../read-file.ts';

/** The RSA key in a PEM file. @throws CliError where there is none */
export function readSigningKey(path: string): KeyObject {
  const pem = readFile(path);
  const invalid = (why: string, cause?: unknown) =>
    new CliError({
      code: 'SIGNING_KEY_INVALID',
      message: `${path} is no signing key: ${why}`,
      hint: 'kumactl generate signing-key --format=pem makes one',
      cause,
    });
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw invalid((cause as Error).message, cause);
  }
  if (key.asymmetricKeyType !== 'rsa') throw invalid(`it is of type ${key.asymmetricKeyType}, not rsa`);
  return key;
}
