/** Work that comes within this time of the first is done together. Milliseconds. */
const coalescing = 3;
/** How long items are worked on before everything else of the process has its turn. Milliseconds. */
const slice = 5;
/** So many urgent items within this time are a storm, and for so long after the last one more are expected. Milliseconds. */
const stormLasts = 1000;
const stormSize = 20;
/**
 * A round is followed by a pause in proportion to the time that it took, for more of the same to gather. In a storm it is
 * longer: urgent items do not wait for it, and what the others would do would be overtaken at once. It is over when no urgent
 * item came for as long as `lull`, or clearly longer than they have been apart, as where a slow store lets them come in bursts.
 * Milliseconds.
 */
const calm = { factor: 0.25, longest: 20 };
const storm = { factor: 30, longest: 4000, lull: 100 };

/**
 * Works on items one after the other, each once however often it was added since, in slices that leave the process
 * responsive. Urgent ones come first.
 *
 *   add ──3 ms──► round: slice, slice, … ──► pause ──► round …
 */
export class WorkRounds<Item> {
  readonly #work: (item: Item) => void;
  readonly #urgent = new Set<Item>();
  /** Usual ones that wait for the next round, and those of the round that is under way. */
  #usual = new Set<Item>();
  #round = new Set<Item>();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #nextSlice: NodeJS.Immediate | undefined;
  /** Milliseconds that the round has worked so far. */
  #busy = 0;
  #pause: { readonly ends: number; readonly kind: typeof calm | typeof storm } = { ends: 0, kind: calm };
  readonly #waiting: (() => void)[] = [];
  readonly #lastUrgent = new RecentTimes(stormSize);

  /** @param work must not throw */
  constructor(work: (item: Item) => void) {
    this.#work = work;
  }

  add(item: Item, urgent: boolean): void {
    if (urgent) {
      this.#lastUrgent.add(performance.now());
      this.#usual.delete(item);
      this.#round.delete(item);
      this.#urgent.add(item);
    } else if (this.#usual.has(item) || this.#round.has(item) || this.#urgent.has(item)) return;
    else this.#usual.add(item);
    this.#schedule();
  }

  delete(item: Item): void {
    this.#urgent.delete(item);
    this.#usual.delete(item);
    this.#round.delete(item);
  }

  /** Resolves after the next slice, where one is a matter of milliseconds; at once where it is not. */
  nextSlice(): Promise<void> {
    const soon = this.#nextSlice !== undefined || this.#timerAt - performance.now() <= coalescing + calm.longest;
    return soon ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }

  clear(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#nextSlice);
    this.#goOn();
    this.#urgent.clear();
    this.#usual.clear();
    this.#round.clear();
  }

  #schedule(): void {
    if (this.#nextSlice !== undefined || (this.#urgent.size === 0 && this.#usual.size === 0)) return;
    // A timer for the usual items is never too late for more of them.
    if (this.#urgent.size === 0 && this.#timerAt !== Number.POSITIVE_INFINITY) return;
    const now = performance.now();
    const at = this.#urgent.size > 0 ? now + coalescing : Math.max(now + coalescing, this.#pauseEnds);
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#run(), at - now);
  }

  #run(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#nextSlice = undefined;
    const began = performance.now();
    const pausing = began < this.#pauseEnds;
    // What comes while a round is under way is for the next one: in a storm a round would never end.
    if (!pausing && this.#round.size === 0) [this.#round, this.#usual] = [this.#usual, this.#round];
    // One of the usual items in each slice, however many urgent ones there are: nobody waits for ever.
    this.#take(this.#round);
    let over = false;
    while (!over && (this.#take(this.#urgent) || this.#take(this.#round))) over = performance.now() - began > slice;
    if (!pausing) this.#busy += performance.now() - began;
    if (!pausing && this.#round.size === 0) this.#rest();
    if (this.#urgent.size > 0 || this.#round.size > 0) this.#nextSlice = setImmediate(() => this.#run());
    this.#schedule();
    this.#goOn();
  }

  #goOn(): void {
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  /** @returns whether there was one */
  #take(items: Set<Item>): boolean {
    for (const item of items) {
      items.delete(item);
      this.#work(item);
      return true;
    }
    return false;
  }

  #rest(): void {
    const now = performance.now();
    const kind = now - this.#lastUrgent.oldest < stormLasts ? storm : calm;
    this.#pause = { ends: now + Math.min(this.#busy * kind.factor, kind.longest), kind };
    this.#busy = 0;
  }

  get #pauseEnds(): number {
    const { ends, kind } = this.#pause;
    if (kind === calm || this.#urgent.size > 0) return ends;
    return Math.min(ends, this.#lastUrgent.newest + Math.max(storm.lull, 1.5 * this.#lastUrgent.longestGap));
  }
}

/** Of a gap that was longer than all since remains so much after each of them. */
const gapsFade = 0.995;

/** When the last so many things happened. */
class RecentTimes {
  readonly #times: number[];
  #next = 0;
  /** Between two that happened within one storm; those of long ago count less. Milliseconds. */
  longestGap = 0;

  constructor(count: number) {
    this.#times = new Array(count).fill(Number.NEGATIVE_INFINITY);
  }

  add(time: number): void {
    const gap = time - this.newest;
    this.longestGap = gap < stormLasts ? Math.max(gap, this.longestGap * gapsFade) : 0;
    this.#times[this.#next] = time;
    this.#next = (this.#next + 1) % this.#times.length;
  }

  get newest(): number {
    return this.#times.at(this.#next - 1)!;
  }

  /** Of those that are remembered; before all time while there were fewer. */
  get oldest(): number {
    return this.#times[this.#next]!;
  }
}
