import { expect, test } from 'vitest';
import { createMemoryStore } from '../store/memory-store.ts';
import type { ResourceStore } from '../store/store.ts';
import { followStore } from './follow-store.ts';

const zone = (name: string) => ({ op: 'create', draft: { type: 'Zone', mesh: '', name, labels: {}, spec: {} } }) as const;

test('a write between subscription and snapshot, and one after both, are heard of once', async () => {
  const store = createMemoryStore();
  await store.write([zone('a')]);
  const seen: string[] = [];
  const writing: Pick<ResourceStore, 'subscribe' | 'snapshot'> = {
    subscribe: (listener) => store.subscribe(listener),
    async snapshot() {
      await store.write([zone('b')]);
      const snapshot = await store.snapshot();
      await store.write([zone('c')]);
      return snapshot;
    },
  };
  const unfollow = await followStore(writing, [
    {
      load: (resources) => void seen.push(...resources.map(({ name }) => name)),
      apply: (changes) => void seen.push(...changes.map(({ key }) => key.name)),
    },
  ]);
  await store.write([zone('d')]);
  unfollow();
  await store.write([zone('e')]);
  expect(seen).toEqual(['a', 'b', 'c', 'd']);
});
