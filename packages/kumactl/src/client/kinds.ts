import type { KindDescriptor } from '@kuma-mesh/core-model/resources/kind.ts';
import { kindByName, kinds } from '@kuma-mesh/core-model/resources/registry.ts';
import type { ApiClient } from './api-client.ts';

/** What kumactl needs to know of a kind to reach its resources. */
export type ReachableKind = Pick<KindDescriptor, 'name' | 'scope' | 'path'> & { readonly shortName?: string };

/** Words under which a kind is asked for: path, singular, kebab-case singular, short name. */
export function wordsOf(kind: ReachableKind & Partial<KindDescriptor>): readonly string[] {
  const kebab = kind.name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
  return [kind.path, kind.name.toLowerCase(), kebab, ...(kind.pathAliases ?? []), ...(kind.shortName ? [kind.shortName] : [])];
}

/** Kinds of this kumactl first; a newer control plane may know more. */
export async function kindForWord(word: string, client: ApiClient): Promise<ReachableKind | undefined> {
  const matches = (kind: ReachableKind) => wordsOf(kind).includes(word.toLowerCase());
  return kinds.find(matches) ?? (await remoteKinds(client)).find(matches);
}

export async function kindForType(type: string, client: ApiClient): Promise<ReachableKind | undefined> {
  return kindByName(type) ?? (await remoteKinds(client)).find((kind) => kind.name === type);
}

async function remoteKinds(client: ApiClient): Promise<readonly ReachableKind[]> {
  return (await client.findJson<{ resources: readonly ReachableKind[] }>('/_resources'))?.resources ?? [];
}

/** @param name absent for the list */
export function pathOf(kind: ReachableKind, mesh: string, name?: string): string {
  const base = kind.scope === 'Mesh' ? `/meshes/${encodeURIComponent(mesh)}/${kind.path}` : `/${kind.path}`;
  return name === undefined ? base : `${base}/${encodeURIComponent(name)}`;
}
