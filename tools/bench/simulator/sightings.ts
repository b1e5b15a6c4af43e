import { summarise } from '../figures.ts';

/** When versions of resources were seen by how many sidecars, relative to a moment that is set. */
export class Sightings {
  readonly #seen = new Map<
    string,
    { readonly typeUrl: string; readonly name: string; readonly version: string; times: number[] }
  >();
  readonly #listeners = new Set<() => void>();
  #zero: number | undefined;
  /** Sightings since the start. */
  count = 0;

  /** Forgets what was seen and counts from `zero`, or from the next sighting. */
  start(zero?: number): void {
    this.#seen.clear();
    this.count = 0;
    this.#zero = zero;
  }

  add(typeUrl: string, name: string, version = 'removed'): void {
    const key = `${typeUrl} ${name} ${version}`;
    const known = this.#seen.get(key);
    const now = performance.now();
    this.#zero ??= now;
    const at = now - this.#zero;
    this.count += 1;
    if (known) known.times.push(at);
    else this.#seen.set(key, { typeUrl, name, version, times: [at] });
    for (const listener of this.#listeners) listener();
  }

  /** Milliseconds from the start of every sighting of a type. */
  timesOf(typeUrl: string, name?: string): readonly number[] {
    return [...this.#seen.values()]
      .filter((each) => each.typeUrl === typeUrl && (name === undefined || each.name === name))
      .flatMap(({ times }) => times);
  }

  /** Resolves when the condition holds; it is looked at after each sighting. */
  until(condition: () => boolean, what: string, timeout = 120_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (condition()) {
          this.#listeners.delete(look);
          clearTimeout(deadline);
          resolve();
        }
      };
      const deadline = setTimeout(() => {
        this.#listeners.delete(look);
        reject(new Error(`${what} did not come about within ${timeout} ms`));
      }, timeout);
      this.#listeners.add(look);
      look();
    });
  }

  /** One line a version: type, name, version, how many saw it, and when the first, the median and the last did. */
  report(): readonly object[] {
    return [...this.#seen.values()].map(({ typeUrl, name, version, times }) => {
      const { min, median, p99, max } = summarise(times);
      return { type: typeUrl.slice(typeUrl.lastIndexOf('.') + 1), name, version, sidecars: times.length, min, median, p99, max };
    });
  }
}
