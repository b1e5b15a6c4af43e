import type { Change } from './store.ts';

/** Tells subscribers of commits, in order. */
export class ChangeFeed {
  readonly #listeners = new Set<(changes: readonly Change[]) => void>();

  subscribe(listener: (changes: readonly Change[]) => void): () => void {
    // A wrapper per subscription: the same function may subscribe twice and each subscription ends by itself.
    const entry = (changes: readonly Change[]) => listener(changes);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** A listener that throws must not undo what is committed, nor keep the others from hearing of it. */
  publish(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    for (const listener of [...this.#listeners]) {
      try {
        listener(changes);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
