import { keyString, type ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { Logger } from 'pino';
import type { Insight, InsightStore } from '../store/store.ts';

export interface NewsReaderOptions {
  readonly wanted: (key: ResourceKey) => boolean;
  readonly read: (rows: readonly Insight[]) => void;
  readonly log: Logger;
}

/** Milliseconds in which what other control planes wrote is read together. */
const coalescing = 100;

/** Reads what other control planes wrote as news. */
export class NewsReader {
  readonly #store: InsightStore;
  readonly #options: NewsReaderOptions;
  readonly #keys = new Map<string, ResourceKey>();
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** Undefined where there are no other control planes. */
  static of(store: InsightStore, options: NewsReaderOptions): NewsReader | undefined {
    return store.subscribe ? new NewsReader(store, options, store.subscribe.bind(store)) : undefined;
  }

  private constructor(store: InsightStore, options: NewsReaderOptions, subscribe: NonNullable<InsightStore['subscribe']>) {
    this.#store = store;
    this.#options = options;
    this.#unsubscribe = subscribe((keys) => this.#heard(keys));
  }

  close(): void {
    this.#unsubscribe();
    clearTimeout(this.#timer);
  }

  #heard(keys: readonly ResourceKey[]): void {
    for (const key of keys) if (this.#options.wanted(key)) this.#keys.set(keyString(key), key);
    if (this.#keys.size > 0) this.#timer ??= setTimeout(() => void this.#read(), coalescing);
  }

  async #read(): Promise<void> {
    this.#timer = undefined;
    const keys = [...this.#keys.values()];
    this.#keys.clear();
    try {
      this.#options.read(await this.#store.getMany(keys));
    } catch (err) {
      // Whoever leads when the store is back reads everything.
      this.#options.log.debug({ err }, 'what other control planes see of proxies could not be read');
    }
  }
}
