import { setTimeout } from 'node:timers/promises';
import { callApi } from './call-api.ts';

/** A resource that one writer alone writes. */
export interface Target {
  readonly path: string;
  readonly body: (content: number) => object;
  /** What of `body` is in a resource that was read. */
  readonly contentOf: (resource: never) => number;
}

/** Number of the content, undefined for a resource that is absent. */
type Content = number | undefined;

/** Milliseconds between two writes: what is tried is that none is lost, and not how many there can be. */
const pause = 25;

/**
 * Writes and deletes its targets in turn, one call after the other, and keeps what may be stored by what it was told: what
 * was acknowledged last, and all that was tried since then without an answer that says what became of it.
 */
export class RecordingWriter {
  /** Milliseconds that each acknowledged write took. */
  readonly acknowledged: number[] = [];
  /** What else was answered, and how often; `cut` when the connection ended instead. */
  readonly refused = new Map<number | 'cut', number>();
  /** Answers that contradict earlier ones. */
  readonly wrong: string[] = [];
  readonly #base: string;
  readonly #possible: ReadonlyMap<Target, Set<Content>>;
  readonly #done: Promise<void>;
  #stopped = false;

  constructor(base: string, targets: readonly Target[]) {
    this.#base = base;
    this.#possible = new Map(targets.map((target) => [target, new Set<Content>([undefined])]));
    this.#done = this.#write([...targets]);
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return this.#done;
  }

  /** What a control plane shows that cannot be so after what the writer was told. */
  async contradictions(apiUrl: string): Promise<readonly string[]> {
    const found = await Promise.all([...this.#possible.keys()].map((target) => this.#look(apiUrl, target)));
    return found.filter((each) => each !== undefined);
  }

  async #write(targets: readonly Target[]): Promise<void> {
    for (let n = 1; !this.#stopped; n++) {
      const target = targets[n % targets.length]!;
      const content = n % 4 === 0 ? undefined : n;
      if (await this.#tell(target, content)) {
        const wrong = await this.#look(this.#base, target).catch(() => undefined);
        if (wrong) this.wrong.push(wrong);
      }
      await setTimeout(pause);
    }
  }

  /** @returns whether it was acknowledged */
  async #tell(target: Target, content: Content): Promise<boolean> {
    const url = `${this.#base}${target.path}`;
    const possible = this.#possible.get(target)!;
    const began = performance.now();
    try {
      const answer = content === undefined ? callApi(url, 'DELETE') : callApi(url, 'PUT', target.body(content));
      const { status, body } = await answer;
      const gone = content === undefined && status === 404;
      if (gone && !possible.has(undefined)) this.wrong.push(`${target.path}: gone, though nobody deleted it`);
      if (status < 300 || gone) {
        possible.clear();
        possible.add(content);
        this.acknowledged.push(performance.now() - began);
        return true;
      }
      if (status !== 503 && status !== 409) this.wrong.push(`${target.path}: ${status} ${body}`);
      // What was refused for lack of the database may have been stored all the same.
      if (status === 503) possible.add(content);
      this.#count(status);
    } catch {
      possible.add(content);
      this.#count('cut');
    }
    return false;
  }

  async #look(apiUrl: string, target: Target): Promise<string | undefined> {
    const { status, stale, body } = await callApi(`${apiUrl}${target.path}`);
    if (stale || status === 503) return undefined;
    const content = status === 404 ? undefined : target.contentOf(JSON.parse(body) as never);
    const possible = this.#possible.get(target)!;
    if (possible.has(content)) return undefined;
    return `${target.path}: ${apiUrl} shows ${content}, and it must be one of ${[...possible].join(', ')}`;
  }

  #count(outcome: number | 'cut'): void {
    this.refused.set(outcome, (this.refused.get(outcome) ?? 0) + 1);
  }
}
