import { type ProbedHealth, serviceProbesOf, withProbedHealth } from '@kuma-mesh/core-model/dataplane/service-probes.ts';
import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { ServiceProbeIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import { encodeHealthChecks, type ProbeDefaults } from '@kuma-mesh/xds-encode/health-discovery/health-checks.ts';
import type { HealthSession } from '../stream/health-session.ts';
import { FirstProbes } from './first-probes.ts';

export interface ProbedProxyOptions {
  readonly dataplane: Resource<Dataplane>;
  readonly defaults: ProbeDefaults;
  /** Called with what was reported when the Dataplane says something else. */
  readonly settle: (health: ProbedHealth) => Promise<void>;
  readonly close: () => void;
}

/** Milliseconds in which a proxy reports whose applications wait for its word to get traffic, until it has probed each once. */
const soon = 500;

/** A proxy that reports on its applications. */
export class ProbedProxy implements HealthSession {
  readonly #options: ProbedProxyOptions;
  #spec: Dataplane;
  /** Text of the probes in force: reports change the Dataplane, and not what is probed. */
  #asked: string;
  #checks: Uint8Array | undefined;
  #listener: () => void = () => {};
  readonly #firstProbes: FirstProbes;
  #settling = false;
  #isAwaited = false;

  constructor(options: ProbedProxyOptions) {
    this.#options = options;
    this.#spec = options.dataplane.spec;
    const probes = serviceProbesOf(this.#spec);
    this.#asked = JSON.stringify(probes);
    this.#firstProbes = new FirstProbes(options.defaults.timeout);
    // A proxy that has nothing to find out is let wait; it would report nothing, again and again.
    if (probes.length > 0) this.#ask(probes);
  }

  get checks(): Uint8Array | undefined {
    return this.#checks;
  }

  onChecks(listener: () => void): void {
    this.#listener = listener;
  }

  /** The Dataplane is another one. */
  changed({ spec }: Resource<Dataplane>): void {
    this.#spec = spec;
    const probes = serviceProbesOf(spec);
    const asked = JSON.stringify(probes);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#ask(probes);
    this.#listener();
  }

  reported(reported: ProbedHealth): void {
    const health = this.#firstProbes.known(reported);
    if (this.#isAwaited && health.size === reported.size) this.#askAtLeisure();
    if (this.#settling || withProbedHealth(this.#spec, health) === this.#spec) return;
    this.#settling = true;
    void this.#options.settle(health).finally(() => {
      this.#settling = false;
    });
  }

  #ask(probes: readonly ServiceProbeIr[]): void {
    const { defaults } = this.#options;
    this.#firstProbes.asked(probes);
    const allWell = new Map(probes.map(({ name }) => [name, true]));
    this.#isAwaited = defaults.reportInterval > soon && withProbedHealth(this.#spec, allWell) !== this.#spec;
    this.#checks = encodeHealthChecks(probes, this.#isAwaited ? { ...defaults, reportInterval: soon } : defaults);
  }

  #askAtLeisure(): void {
    this.#isAwaited = false;
    this.#checks = encodeHealthChecks(serviceProbesOf(this.#spec), this.#options.defaults);
    this.#listener();
  }

  close(): void {
    this.#options.close();
  }
}
