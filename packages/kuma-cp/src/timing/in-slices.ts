import { setImmediate } from 'node:timers/promises';

/**
 * Items that take a while to make: everything else of the process has its turn in between.
 * @param slice milliseconds after which others have their turn
 */
export async function* inSlices<T>(items: Iterable<T>, slice = 20): AsyncIterable<T> {
  let turnBegan = performance.now();
  for (const item of items) {
    yield item;
    if (performance.now() - turnBegan <= slice) continue;
    await setImmediate();
    turnBegan = performance.now();
  }
}
