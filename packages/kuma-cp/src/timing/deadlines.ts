/** Longest delay that `setTimeout` takes; later deadlines are looked at again then. */
const longestTimeout = 2 ** 31 - 1;

/**
 * Calls back for each key when its time has come. One timer, set to the earliest deadline, however many keys there are.
 *
 * A binary heap by time; an entry that was replaced or removed stays in it until it comes up, and is skipped then.
 */
export class Deadlines<Key> {
  readonly #heap: { readonly key: Key; readonly at: number }[] = [];
  readonly #current = new Map<Key, number>();
  readonly #due: (key: Key) => void;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(due: (key: Key) => void) {
    this.#due = due;
  }

  /** @param at milliseconds since the epoch; replaces the key's earlier deadline. */
  set(key: Key, at: number): void {
    this.#current.set(key, at);
    this.#push({ key, at });
    this.#arm();
  }

  delete(key: Key): void {
    this.#current.delete(key);
    if (this.#current.size === 0) this.clear();
  }

  has(key: Key): boolean {
    return this.#current.has(key);
  }

  clear(): void {
    this.#current.clear();
    this.#heap.length = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    const next = this.#heap[0];
    if (next === undefined || next.at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = next.at;
    this.#timer = setTimeout(() => this.#fire(), Math.min(Math.max(next.at - Date.now(), 0), longestTimeout));
    this.#timer.unref();
  }

  #fire(): void {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = Date.now();
    const due: Key[] = [];
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      const stale = this.#current.get(top.key) !== top.at;
      if (!stale && top.at > now) break;
      this.#pop();
      if (stale) continue;
      this.#current.delete(top.key);
      due.push(top.key);
    }
    this.#arm();
    for (const key of due) this.#due(key);
  }

  #push(entry: { readonly key: Key; readonly at: number }): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (heap[parent]!.at <= entry.at) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (let child = 1; child < heap.length; child = 2 * index + 1) {
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++;
      if (heap[child]!.at >= last.at) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}
