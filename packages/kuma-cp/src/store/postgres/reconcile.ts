import { keyString, type Resource, type ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { Fingerprint } from './read-changes.ts';

export interface Differences {
  /** In the database, and here not at all or in another state. */
  readonly other: readonly ResourceKey[];
  /** Here, and not in the database. */
  readonly gone: readonly ResourceKey[];
}

/**
 * Where what is in memory differs from what the database held.
 * @param touched keys that changed while the database was read: whichever side is older for them, the feed says
 */
export function differences(
  held: readonly Resource[],
  fingerprints: readonly Fingerprint[],
  touched: ReadonlySet<string>,
): Differences {
  const unseen = new Map(held.map((resource) => [keyString(resource), resource]));
  const other: ResourceKey[] = [];
  for (const { key, revision, modificationTime } of fingerprints) {
    const id = keyString(key);
    const mine = unseen.get(id);
    unseen.delete(id);
    if (touched.has(id)) continue;
    if (mine?.revision !== revision || mine.modificationTime !== modificationTime) other.push(key);
  }
  const gone = [...unseen].flatMap(([id, { type, mesh, name }]) => (touched.has(id) ? [] : [{ type, mesh, name }]));
  return { other, gone };
}
