import type { Resource, ResourceDraft, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { ResourceStore } from '../store/store.ts';
import { isStoreError } from '../store/store-error.ts';

/** The stored resource; made and stored first if there is none. Of several instances that start together, one creates it. */
export async function createOnce(store: ResourceStore, key: ResourceKey, make: () => Promise<ResourceDraft>): Promise<Resource> {
  const stored = await store.get(key);
  if (stored) return stored;
  const draft = await make();
  try {
    const [created] = await store.write([{ op: 'create', draft }]);
    return created!;
  } catch (error) {
    if (!isStoreError(error, 'exists')) throw error;
    return createOnce(store, key, make);
  }
}
