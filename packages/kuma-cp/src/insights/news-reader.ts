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
/** Milliseconds after which what could not be read is tried again. */
const betweenTries = 1000;

/** Reads what other control planes wrote as news, one batch at a time, so that an older one never comes after a newer one. */
export class NewsReader {
  readonly #store: InsightStore;
  readonly #options: NewsReaderOptions;
  readonly #keys = new Map<string, ResourceKey>();
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;
  #reading = false;
  #closed = false;

  /** Undefined where there are no other control planes. */
  static of(store: InsightStore, options: NewsReaderOptions): NewsReader | undefined {
    return store.subscribe ? new NewsReader(store, options, store.subscribe.bind(store)) : undefined;
  }

  private constructor(store: InsightStore, options: NewsReaderOptions, subscribe: NonNullable<InsightStore['subscribe']>) {
    this.#store = store;
    this.#options = options;
    this.#unsubscribe = subscribe((keys) => {
      this.#keep(keys);
      this.#readAfter(coalescing);
    });
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
  }

  #keep(keys: readonly ResourceKey[]): void {
    for (const key of keys) if (this.#options.wanted(key)) this.#keys.set(keyString(key), key);
  }

  #readAfter(milliseconds: number): void {
    if (this.#keys.size === 0 || this.#reading || this.#closed) return;
    this.#timer ??= setTimeout(() => void this.#read(), milliseconds);
  }

  async #read(): Promise<void> {
    this.#timer = undefined;
    const keys = [...this.#keys.values()];
    this.#keys.clear();
    let wait = coalescing;
    this.#reading = true;
    try {
      this.#options.read(await this.#store.getMany(keys));
    } catch (err) {
      this.#options.log.debug({ err }, 'what other control planes see of proxies could not be read; it is tried again');
      this.#keep(keys);
      wait = betweenTries;
    } finally {
      this.#reading = false;
    }
    this.#readAfter(wait);
  }
}
