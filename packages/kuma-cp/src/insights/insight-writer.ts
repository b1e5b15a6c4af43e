import { keyString, type ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { Logger } from 'pino';
import type { Insight, InsightStore } from '../store/store.ts';

export interface InsightWriterOptions {
  readonly store: InsightStore;
  readonly log: Logger;
  /** What a key stands for now; undefined writes nothing. */
  readonly collect: (key: ResourceKey) => unknown;
  /** What `collect` last gave for the key is safe. */
  readonly written: (key: ResourceKey) => void;
  /** Milliseconds. */
  readonly flushInterval?: number;
}

/**
 * Who waits for it: `news` is for other control planes, which is hurried where there are any; `urgent` is news that somebody
 * looks for just now, as they wrote what a proxy refuses.
 */
export type Urgency = 'usual' | 'news' | 'urgent';

/** Whoever asks another control plane about a proxy waits for what this one has seen. Milliseconds. */
const newsDelay = 200;
/** After so much in a batch there is more to come, and each key of it will change again soon: the next one is not hurried for news. */
const largeBatch = 20;

/** Writes insights in batches: each key once, however often it changed since the last batch. */
export class InsightWriter {
  readonly #options: InsightWriterOptions;
  readonly #dirty = new Map<string, ResourceKey>();
  /** Those of the dirty ones that other control planes want to hear of. */
  readonly #news = new Set<string>();
  readonly #removed = new Map<string, ResourceKey>();
  readonly #creationTimes = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  // Of a clock that nobody sets.
  #timerAt = 0;
  #calmAt = 0;
  #flushing: Promise<void> = Promise.resolve();
  #closed = false;
  #failing = false;

  constructor(options: InsightWriterOptions) {
    this.#options = options;
  }

  /** An insight that is stored already. */
  known({ type, mesh, name, creationTime }: Insight): void {
    this.#creationTimes.set(keyString({ type, mesh, name }), creationTime);
  }

  dirty(key: ResourceKey, urgency: Urgency = 'usual'): void {
    this.#dirty.set(keyString(key), key);
    if (urgency !== 'usual') this.#news.add(keyString(key));
    const hurry = urgency !== 'usual' && this.#options.store.subscribe !== undefined;
    const calm = urgency === 'urgent' ? 0 : this.#calmAt - performance.now();
    this.#schedule(hurry ? Math.max(newsDelay, calm) : undefined);
  }

  /** Somebody else writes this one now. */
  leave(key: ResourceKey): void {
    this.#dirty.delete(keyString(key));
    this.#news.delete(keyString(key));
  }

  remove(key: ResourceKey): void {
    this.leave(key);
    this.#creationTimes.delete(keyString(key));
    this.#removed.set(keyString(key), key);
    this.#schedule();
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // One batch at a time, so that an older one never lands on a newer one.
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  async close(): Promise<void> {
    await this.flush();
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  get #interval(): number {
    return this.#options.flushInterval ?? 1000;
  }

  #schedule(delay = this.#interval): void {
    if (this.#closed) return;
    const at = performance.now() + delay;
    if (this.#timer !== undefined && this.#timerAt <= at) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => void this.flush(), delay).unref();
  }

  async #write(): Promise<void> {
    if (this.#dirty.size >= largeBatch) this.#calmAt = performance.now() + this.#interval;
    if (this.#dirty.size === 0 && this.#removed.size === 0) return;
    const { store, log } = this.#options;
    const [dirty, removed] = [[...this.#dirty.values()], [...this.#removed.values()]];
    const news = dirty.filter((key) => this.#news.has(keyString(key)));
    this.#dirty.clear();
    this.#news.clear();
    this.#removed.clear();
    const now = new Date().toISOString();
    try {
      if (removed.length > 0) await store.deleteMany(removed);
      const insights = dirty.flatMap((key) => this.#insight(key, now) ?? []);
      if (insights.length > 0) await store.putMany(insights, news);
      for (const key of dirty) this.#options.written(key);
      this.#failing = false;
    } catch (err) {
      if (!this.#failing) log.warn({ err }, 'what was seen of proxies could not be written; it is tried again');
      this.#failing = true;
      for (const key of removed) this.#removed.set(keyString(key), key);
      for (const key of news) this.#news.add(keyString(key));
      for (const key of dirty) this.#dirty.set(keyString(key), key);
      this.#schedule();
    }
  }

  #insight(key: ResourceKey, now: string): Insight | undefined {
    const spec = this.#options.collect(key);
    if (spec === undefined) return undefined;
    const creationTime = this.#creationTimes.get(keyString(key)) ?? now;
    this.#creationTimes.set(keyString(key), creationTime);
    return { ...key, creationTime, modificationTime: now, spec };
  }
}
