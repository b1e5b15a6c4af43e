import type { ProbedHealth } from '@kuma-mesh/core-model/dataplane/service-probes.ts';
import type { ServiceProbeIr } from '@kuma-mesh/core-model/ir/index.ts';

/** A timeout may be one of years. Milliseconds. */
const longestWait = 5_000;

/**
 * Envoy reports whenever it is time to, and calls an application that it has not probed yet unhealthy. So a word against one
 * counts only when its first probe must be over.
 */
export class FirstProbes {
  readonly #defaultTimeout: number;
  /** By name: what was asked for, and since when, of `performance.now()`, an answer is known. */
  #probes: ReadonlyMap<string, { readonly probe: string; readonly over: number }> = new Map();

  constructor(defaultTimeout: number) {
    this.#defaultTimeout = defaultTimeout;
  }

  /** What a proxy is told to find out from now on. */
  asked(probes: readonly ServiceProbeIr[]): void {
    const now = performance.now();
    const before = this.#probes;
    this.#probes = new Map(
      probes.map((each) => {
        const probe = JSON.stringify(each);
        const known = before.get(each.name);
        const over = now + Math.min(each.timeout ?? this.#defaultTimeout, longestWait);
        return [each.name, known?.probe === probe ? known : { probe, over }];
      }),
    );
  }

  known(reported: ProbedHealth): ProbedHealth {
    const now = performance.now();
    return new Map([...reported].filter(([name, healthy]) => healthy || now >= (this.#probes.get(name)?.over ?? 0)));
  }
}
