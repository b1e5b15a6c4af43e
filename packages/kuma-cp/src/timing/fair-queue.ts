import { setImmediate } from 'node:timers/promises';

/**
 * Runs tasks one after the other, and lets everything else of the process have its turn between them. A store that answers
 * at once would otherwise keep a storm of tasks from ever giving way.
 */
export class FairQueue {
  readonly #slice: number;
  #tail: Promise<unknown> = Promise.resolve();
  #turnBegan = 0;

  /** @param slice milliseconds after which others have their turn */
  constructor(slice: number) {
    this.#slice = slice;
  }

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(async () => {
      if (performance.now() - this.#turnBegan > this.#slice) {
        await setImmediate();
        this.#turnBegan = performance.now();
      }
      return task();
    });
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
