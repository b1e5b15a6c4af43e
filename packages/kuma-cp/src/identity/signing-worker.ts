import { parentPort } from 'node:worker_threads';
import {
  type CertificateAndKey,
  createLeaf,
  createRoot,
  type Issuer,
  type LeafRequest,
  loadIssuer,
  type RootRequest,
} from './certificates.ts';

export type SigningRequest = RootRequest | LeafRequest;
/** Jobs travel in batches: one message wakes the other thread once. */
export type SigningBatch = readonly { readonly id: number; readonly request: SigningRequest }[];
export type SigningResult =
  | { readonly id: number; readonly ok: CertificateAndKey }
  | { readonly id: number; readonly error: string };

/** More authorities than any control plane has at a time; rotated ones go when it is full. */
const issuersKept = 1000;
const issuers = new Map<string, Promise<Issuer>>();

parentPort?.on('message', async (batch: SigningBatch) => {
  parentPort?.postMessage(await Promise.all(batch.map(answer)));
});

async function answer({ id, request }: SigningBatch[number]): Promise<SigningResult> {
  try {
    return {
      id,
      ok: request.kind === 'root' ? await createRoot(request) : await createLeaf(await issuerOf(request.authority), request),
    };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

function issuerOf(authority: LeafRequest['authority']): Promise<Issuer> {
  const known = issuers.get(authority.id);
  if (known !== undefined) return known;
  if (issuers.size >= issuersKept) issuers.clear();
  const issuer = loadIssuer(authority);
  issuers.set(authority.id, issuer);
  return issuer;
}
