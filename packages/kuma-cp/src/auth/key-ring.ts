import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';

/** The signing keys of one scope at one time. */
export interface KeyRing {
  /** The key with the highest id signs. Undefined: there is none yet. */
  readonly signing: SigningKey | undefined;
  /** Every key that is present verifies, by its id. */
  readonly verifying: ReadonlyMap<string, KeyObject>;
}

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

/**
 * Reads the keys among `secrets`: those named `<prefix><number>`.
 * A secret that is no RSA private key is left out and told to `onUnreadable`, which gets its name and never its content.
 */
export function readKeyRing(secrets: readonly Resource[], prefix: string, onUnreadable: (secret: string) => void): KeyRing {
  const keys: SigningKey[] = [];
  for (const secret of secrets) {
    const kid = keyId(secret.name, prefix);
    if (kid === undefined) continue;
    const privateKey = readPrivateKey(secret);
    if (privateKey) keys.push({ kid, privateKey });
    else onUnreadable(secret.name);
  }
  keys.sort((a, b) => Number(a.kid) - Number(b.kid));
  return {
    signing: keys.at(-1),
    verifying: new Map(keys.map((key) => [key.kid, createPublicKey(key.privateKey)])),
  };
}

/** The id in a signing key's name: the digits after the prefix. Undefined when the name is no such name. */
export function keyId(name: string, prefix: string): string | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const kid = name.slice(prefix.length);
  return /^\d{1,15}$/.test(kid) ? kid : undefined;
}

function readPrivateKey(secret: Resource): KeyObject | undefined {
  const { data } = secret.spec as { readonly data?: string };
  if (!data) return undefined;
  const bytes = Buffer.from(data, 'base64');
  try {
    const key = bytes.includes('-----BEGIN')
      ? createPrivateKey(bytes.toString('utf8'))
      : createPrivateKey({ key: bytes, format: 'der', type: 'pkcs1' });
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    // The reason could quote the key; the caller reports the secret by name.
    return undefined;
  }
}
