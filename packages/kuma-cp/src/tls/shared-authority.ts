import { X509Certificate } from 'node:crypto';
import { createOnce } from '../defaults/create-once.ts';
import type { ResourceStore } from '../store/store.ts';
import { replaceOwn } from './self-signed.ts';
import type { KeyPair } from './server-tls.ts';

/** Not served over HTTP; no Secret either, as users have no use for it. */
const place = { type: 'Config', mesh: '', name: 'kuma-cp-certificate' } as const;

/**
 * The control plane's own certificate where several stand on one store: a sidecar that trusts one of them trusts all, so that any
 * of them can take it over. The first one's certificate is the authority of those of the others.
 *
 * @param own the certificate in the work directory; replaced unless it is the authority, or signed by it
 * @throws (when asked) CpError `certificate`, `work-dir`; StoreError
 */
export function certificateAmongMany(
  store: ResourceStore,
  { workDir, own }: { readonly workDir: string; readonly own: () => Promise<KeyPair> },
): () => Promise<KeyPair> {
  let asked: Promise<KeyPair> | undefined;
  return () => {
    asked ??= findOrMake(store, workDir, own);
    return asked;
  };
}

async function findOrMake(store: ResourceStore, workDir: string, own: () => Promise<KeyPair>): Promise<KeyPair> {
  const mine = await own();
  const certificate = new X509Certificate(mine.cert);
  // Somebody else's work: whoever put it there sees to the other control planes as well.
  if (!certificate.ca) return mine;
  const { spec } = await createOnce(store, place, async () => ({
    ...place,
    labels: {},
    spec: { cert: mine.cert, key: mine.key },
  }));
  const authority = spec as KeyPair;
  const trusted = new X509Certificate(authority.cert);
  if (certificate.fingerprint256 === trusted.fingerprint256 || certificate.verify(trusted.publicKey)) return mine;
  return replaceOwn(workDir, authority);
}
