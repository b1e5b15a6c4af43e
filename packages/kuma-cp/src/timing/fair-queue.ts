import { setImmediate } from 'node:timers/promises';

/**
 * Begins tasks in order, no more than so many at a time, and lets everything else of the process have its turn between them.
 * A store that answers at once would otherwise keep a storm of tasks from ever giving way.
 */
export class FairQueue {
  readonly #slice: number;
  readonly #width: number;
  readonly #waiting: (() => Promise<void>)[] = [];
  #running = 0;
  #beginning = false;
  #turnBegan = 0;

  /**
   * @param slice milliseconds after which others have their turn
   * @param width how many tasks may wait for the store together, which commits them together
   */
  constructor(slice: number, width = 1) {
    this.#slice = slice;
    this.#width = width;
  }

  run<T>(task: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => task().then(resolve, reject));
      void this.#begin();
    });
  }

  async #begin(): Promise<void> {
    if (this.#beginning) return;
    this.#beginning = true;
    while (this.#running < this.#width) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#running++;
      if (performance.now() - this.#turnBegan > this.#slice) {
        await setImmediate();
        this.#turnBegan = performance.now();
      }
      void next().then(() => this.#ended());
    }
    this.#beginning = false;
  }

  #ended(): void {
    this.#running--;
    void this.#begin();
  }
}
