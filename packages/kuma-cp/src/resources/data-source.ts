import { readFile } from 'node:fs/promises';
import type { ResourceStore } from '../store/store.ts';

/** Where bytes come from that a resource needs; exactly one is set. `inline` is base64. */
export interface DataSource {
  readonly secret?: string;
  readonly inline?: string;
  readonly inlineString?: string;
  readonly file?: string;
}

export type Loaded = { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly reason: string };

/** Reads what a data source of a resource in `mesh` points to. The reason of a failure shows no content. */
export async function loadDataSource(source: DataSource | undefined, mesh: string, store: ResourceStore): Promise<Loaded> {
  if (source?.secret !== undefined) return loadSecret(source.secret, mesh, store);
  if (source?.inline !== undefined) return { ok: true, bytes: Buffer.from(source.inline, 'base64') };
  if (source?.inlineString !== undefined) return { ok: true, bytes: Buffer.from(source.inlineString) };
  if (source?.file !== undefined) return loadFile(source.file);
  return { ok: false, reason: 'must have one of secret, inline, inlineString or file' };
}

async function loadSecret(name: string, mesh: string, store: ResourceStore): Promise<Loaded> {
  const secret = await store.get({ type: 'Secret', mesh, name });
  if (!secret) return { ok: false, reason: `secret "${name}" does not exist in mesh "${mesh}"` };
  const { data } = secret.spec as { readonly data?: string };
  return { ok: true, bytes: Buffer.from(data ?? '', 'base64') };
}

async function loadFile(path: string): Promise<Loaded> {
  try {
    return { ok: true, bytes: await readFile(path) };
  } catch (error) {
    return { ok: false, reason: `file "${path}" cannot be read by the control plane (${(error as NodeJS.ErrnoException).code})` };
  }
}
