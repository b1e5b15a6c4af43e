import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import type { Change, ResourceStore } from '../store/store.ts';

/** Follows the store: everything once, then every commit in order. */
export interface FeedConsumer {
  load(resources: readonly Resource[]): Promise<void> | void;
  apply(changes: readonly Change[]): void;
}

/**
 * Brings consumers to the store's state and keeps them there. Each commit reaches them in the order given, so that a later
 * one may ask an earlier one about what it just heard.
 * @returns what ends it
 */
export async function followStore(
  store: Pick<ResourceStore, 'subscribe' | 'snapshot'>,
  consumers: readonly FeedConsumer[],
): Promise<() => void> {
  // Subscribed before the snapshot: a commit between the two is in one of them, or in both and passed over by its revision.
  const early: (readonly Change[])[] = [];
  let deliver = (changes: readonly Change[]): void => void early.push(changes);
  const unsubscribe = store.subscribe((changes) => deliver(changes));
  try {
    const { revision, resources } = await store.snapshot();
    for (const consumer of consumers) await consumer.load(resources);
    for (const changes of early) {
      const newer = changes.filter((change) => change.revision > revision);
      if (newer.length > 0) for (const consumer of consumers) consumer.apply(newer);
    }
  } catch (error) {
    unsubscribe();
    throw error;
  }
  deliver = (changes) => {
    for (const consumer of consumers) consumer.apply(changes);
  };
  return unsubscribe;
}
