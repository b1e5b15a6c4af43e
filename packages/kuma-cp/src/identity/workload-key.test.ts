import { createPrivateKey, createPublicKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { createWorkloadKey } from './workload-key.ts';

test('OpenSSL reads both halves of a key, finds that they belong together, and would have written the same', () => {
  // So many that some private keys begin with a zero byte.
  for (let round = 0; round < 2000; round++) {
    const { publicKey, privateKey } = createWorkloadKey();
    const read = createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' });
    expect(read.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(read.export({ format: 'der', type: 'pkcs8' }).equals(privateKey)).toBe(true);
    expect(createPublicKey(read).export({ format: 'der', type: 'spki' }).equals(publicKey)).toBe(true);
  }
});
