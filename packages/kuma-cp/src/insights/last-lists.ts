import { keyString, type ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { Insight } from '../store/store.ts';

type Query = { readonly type: string; readonly mesh?: string };

/** What was last read of insights, for the time in which the store cannot be read. */
export class LastLists {
  readonly #lists = new Map<string, ReadonlyMap<string, Insight>>();

  keep(query: Query, rows: readonly Insight[]): void {
    const { type, mesh } = query;
    const kept = this.#lists.get(type);
    const others = mesh === undefined ? [] : [...(kept?.values() ?? [])].filter((row) => row.mesh !== mesh);
    this.#lists.set(type, new Map([...others, ...rows].map((row) => [keyString(row), row])));
  }

  /** @param seenNow what is known without having been read; it is newer */
  get(key: ResourceKey, seenNow: (key: ResourceKey) => unknown): Insight | undefined {
    const last = this.#lists.get(key.type)?.get(keyString(key));
    const spec = seenNow(key);
    if (spec === undefined) return last;
    const now = new Date().toISOString();
    const { type, mesh, name } = key;
    return { type, mesh, name, creationTime: last?.creationTime ?? now, modificationTime: now, spec };
  }

  /** @param keys of what there is to be said something of */
  list(query: Query, keys: readonly ResourceKey[], seenNow: (key: ResourceKey) => unknown): readonly Insight[] {
    const sorted = [...keys].sort((a, b) => (keyString(a) < keyString(b) ? -1 : 1));
    return sorted.filter(({ type }) => type === query.type).flatMap((key) => this.get(key, seenNow) ?? []);
  }
}
