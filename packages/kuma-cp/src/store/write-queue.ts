import type { Change, WriteOp } from './store.ts';
import type { WriteResult } from './write-plan.ts';

export interface WriteQueueOptions {
  /** Commits all writes in one transaction. */
  readonly commit: (writes: readonly (readonly WriteOp[])[]) => Promise<readonly WriteResult[]>;
  /** Called once per transaction, before its writes are answered. */
  readonly committed: (changes: readonly Change[]) => void;
  readonly inWords: (error: unknown) => unknown;
  /** Whether the failure of a transaction is that of every write in it, so that trying them one by one is of no use. */
  readonly failsAll?: (error: unknown) => boolean;
}

interface PendingWrite {
  readonly ops: readonly WriteOp[];
  readonly answer: PromiseWithResolvers<readonly Change[]>;
}

/**
 * Commits writes that arrive together in one transaction: a transaction waits for the disk, and a thousand proxies that
 * register at once should wait for it a few times and not a thousand.
 */
export class WriteQueue {
  readonly #options: WriteQueueOptions;
  #pending: PendingWrite[] = [];
  #draining: Promise<void> | undefined;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
  }

  add(ops: readonly WriteOp[]): Promise<readonly Change[]> {
    const answer = Promise.withResolvers<readonly Change[]>();
    this.#pending.push({ ops, answer });
    this.#draining ??= this.#drain();
    return answer.promise;
  }

  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      // Lets every request that has already arrived add its write.
      await new Promise((resume) => setImmediate(resume));
      const batch = this.#pending;
      this.#pending = [];
      await this.#commit(batch);
    }
    this.#draining = undefined;
  }

  async #commit(batch: readonly PendingWrite[]): Promise<void> {
    let results: readonly WriteResult[];
    try {
      results = await this.#options.commit(batch.map((write) => write.ops));
    } catch (error) {
      await this.#failed(batch, error);
      return;
    }
    this.#options.committed(results.flatMap((result) => result.changes ?? []));
    for (const [index, result] of results.entries()) {
      const { answer } = batch[index]!;
      if (result.changes) answer.resolve(result.changes);
      else answer.reject(result.refused);
    }
  }

  /** One write that cannot be stored (too large for what is left of the disk) must not fail the ones beside it. */
  async #failed(batch: readonly PendingWrite[], error: unknown): Promise<void> {
    const { inWords, failsAll } = this.#options;
    if (batch.length === 1 || failsAll?.(error)) for (const write of batch) write.answer.reject(inWords(error));
    else for (const write of batch) await this.#commit([write]);
  }
}
