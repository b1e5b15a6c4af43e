import { keyString, type Resource, type ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import { ChangeFeed } from './change-feed.ts';
import { frozenJson } from './frozen-json.ts';
import { byMeshAndName, ResourceTable } from './resource-table.ts';
import type { Change, Insight, InsightStore, ResourceStore, WriteOp } from './store.ts';
import { StoreError } from './store-error.ts';
import { planWrite } from './write-plan.ts';

/** Keeps everything in the process; gone when it ends. */
export function createMemoryStore(): ResourceStore {
  return new MemoryStore();
}

class MemoryStore implements ResourceStore {
  readonly insights: InsightStore = new MemoryInsights();
  readonly #table = new ResourceTable();
  readonly #feed = new ChangeFeed();
  #closed = false;

  async get(key: ResourceKey): Promise<Resource | undefined> {
    return this.#table.get(key);
  }

  async list(query: { readonly type: string; readonly mesh?: string }): Promise<readonly Resource[]> {
    return this.#table.list(query);
  }

  async snapshot(): Promise<{ readonly revision: number; readonly resources: readonly Resource[] }> {
    return { revision: this.#table.revision, resources: this.#table.all() };
  }

  async write(ops: readonly WriteOp[]): Promise<readonly (Resource | undefined)[]> {
    if (this.#closed) throw new StoreError('unavailable', 'the store is closed');
    const table = this.#table;
    const changes = planWrite(ops, {
      current: (key) => table.get(key),
      contents: (mesh) => table.contents(mesh),
      revision: table.revision,
      now: new Date(),
    });
    table.apply(changes);
    this.#feed.publish(changes);
    return changes.map((change) => change.after);
  }

  subscribe(listener: (changes: readonly Change[]) => void): () => void {
    return this.#feed.subscribe(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}

class MemoryInsights implements InsightStore {
  readonly #insights = new Map<string, Insight>();

  async get(key: ResourceKey): Promise<Insight | undefined> {
    return this.#insights.get(keyString(key));
  }

  async getMany(keys: readonly ResourceKey[]): Promise<readonly Insight[]> {
    return keys.flatMap((key) => this.#insights.get(keyString(key)) ?? []);
  }

  async list(query: { readonly type: string; readonly mesh?: string }): Promise<readonly Insight[]> {
    return [...this.#insights.values()]
      .filter((insight) => insight.type === query.type && (query.mesh === undefined || insight.mesh === query.mesh))
      .sort(byMeshAndName);
  }

  async putMany(insights: readonly Insight[]): Promise<void> {
    for (const insight of insights) this.#insights.set(keyString(insight), frozenJson(insight));
  }

  async deleteMany(keys: readonly ResourceKey[]): Promise<void> {
    for (const key of keys) this.#insights.delete(keyString(key));
  }
}
