import { type Expectation, monotonic } from './protocol.ts';
import type { SimulatedSidecar } from './simulated-sidecar.ts';

const deadline = 120_000;

/** Waits for something to arrive at sidecars, and says when each of them had all of it. */
export class Arrivals {
  #expected: Expectation | undefined;
  readonly #counts = new Map<SimulatedSidecar, number>();
  readonly #times = new Map<SimulatedSidecar, number>();
  #done: (() => void) | undefined;

  watch(expected: Expectation): void {
    this.#expected = expected;
    this.#counts.clear();
    this.#times.clear();
  }

  /** A sidecar has seen a new version of a resource. */
  add(sidecar: SimulatedSidecar, typeUrl: string, name: string): void {
    const expected = this.#expected;
    if (expected === undefined || this.#times.has(sidecar) || !this.#arrived(expected, sidecar, { typeUrl, name })) return;
    this.#times.set(sidecar, monotonic());
    if (this.#times.size >= expected.sidecars) this.#done?.();
  }

  /** The time of each sidecar, once as many as expected have it all. */
  async seen(): Promise<readonly number[]> {
    const expected = this.#expected;
    if (expected === undefined) throw new Error('nothing is watched');
    if (this.#times.size < expected.sidecars) {
      await new Promise<void>((resolve, reject) => {
        const late = () =>
          `after ${deadline / 1000} s only ${this.#times.size} of ${expected.sidecars} sidecars have what they should`;
        const timer = setTimeout(() => reject(new Error(late())), deadline);
        this.#done = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return [...this.#times.values()];
  }

  #arrived(expected: Expectation, sidecar: SimulatedSidecar, seen: { readonly typeUrl: string; readonly name: string }): boolean {
    if (expected.kind === 'holdings') {
      // First of all by what has just come: that is not enough for most of the time.
      const enough = (typeUrl: string) => (sidecar.resources.get(typeUrl)?.size ?? 0) >= (expected.atLeast[typeUrl] ?? 0);
      return enough(seen.typeUrl) && Object.keys(expected.atLeast).every(enough);
    }
    if (!expected.typeUrls.includes(seen.typeUrl) || (expected.name !== undefined && expected.name !== seen.name)) return false;
    const count = (this.#counts.get(sidecar) ?? 0) + 1;
    this.#counts.set(sidecar, count);
    return count >= expected.perSidecar;
  }
}
