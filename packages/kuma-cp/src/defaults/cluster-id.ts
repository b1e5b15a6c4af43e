import { randomUUID } from 'node:crypto';
import type { ResourceStore } from '../store/store.ts';
import { createOnce } from './create-once.ts';

/** Kind of what the control planes of one store agree on; not served over HTTP. */
const type = 'Config';
const name = 'kuma-cluster-id';

/** Identifies all control planes that share a store; made on the first start. */
export async function ensureClusterId(store: ResourceStore): Promise<string> {
  const make = async () => ({ type, mesh: '', name, labels: {}, spec: { config: randomUUID() } });
  const { spec } = await createOnce(store, { type, mesh: '', name }, make);
  return (spec as { readonly config: string }).config;
}
