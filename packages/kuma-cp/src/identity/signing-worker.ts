import { parentPort } from 'node:worker_threads';
import { createLeaf, type Issuer, type LeafContent, loadIssuer } from './leaf-certificate.ts';
import { type CertificateAndKey, createRoot, type RootRequest } from './root-certificate.ts';

/** A workload's certificate; the authority is PEM, and its id tells it from others. */
export interface LeafRequest extends LeafContent {
  readonly kind: 'leaf';
  readonly authority: { readonly id: string; readonly certificate: string; readonly key: string };
}

export type SigningRequest = RootRequest | LeafRequest;
/** Jobs travel in batches: one message wakes the other thread once. */
export type SigningBatch = readonly { readonly id: number; readonly request: SigningRequest }[];
export type SigningResult =
  | { readonly id: number; readonly ok: CertificateAndKey }
  | { readonly id: number; readonly error: string };

/** So many results go back together: the first of a thousand proxies need not wait for the last. */
const answeredTogether = 16;
/** More authorities than any control plane has at a time; rotated ones go when it is full. */
const issuersKept = 1000;
const issuers = new Map<string, Issuer>();

parentPort?.on('message', async (batch: SigningBatch) => {
  for (let start = 0; start < batch.length; start += answeredTogether) {
    parentPort?.postMessage(await Promise.all(batch.slice(start, start + answeredTogether).map(answer)));
  }
});

async function answer({ id, request }: SigningBatch[number]): Promise<SigningResult> {
  try {
    return { id, ok: request.kind === 'root' ? await createRoot(request) : createLeaf(issuerOf(request.authority), request) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

function issuerOf(authority: LeafRequest['authority']): Issuer {
  const known = issuers.get(authority.id);
  if (known !== undefined) return known;
  if (issuers.size >= issuersKept) issuers.clear();
  const issuer = loadIssuer(authority);
  issuers.set(authority.id, issuer);
  return issuer;
}
