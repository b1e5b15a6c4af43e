import { readFile } from 'node:fs/promises';
import type { DataSource } from '@kuma-mesh/core-model/resources/mesh/ca-backends.ts';
import type { ResourceStore } from '../store/store.ts';

export type Loaded = { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly reason: string };

/** Reads what a data source of a resource in `mesh` points to. The reason of a failure shows no content. */
export async function loadDataSource(source: DataSource, mesh: string, store: ResourceStore): Promise<Loaded> {
  switch (source.kind) {
    case 'secret':
      return loadSecret(source.name, mesh, store);
    case 'file':
      return loadFile(source.path);
    case 'inline':
      return { ok: true, bytes: Buffer.from(source.base64, 'base64') };
    case 'inlineString':
      return { ok: true, bytes: Buffer.from(source.text) };
  }
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
