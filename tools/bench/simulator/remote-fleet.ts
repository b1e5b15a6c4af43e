import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { type Expectation, type FleetAnswer, type FleetRequest, type FleetStart, monotonic } from './protocol.ts';

/**
 * What is received does not have V8 look through all of the heap again and again: thousands would stand still meanwhile. Nor
 * does it look often through what is new, most of which is of no use any more once a response is acknowledged.
 */
const collector = ['--external-memory-accounted-in-global-limit', '--min-semi-space-size=32', '--max-semi-space-size=32'];

/** Simulated sidecars in another process. */
export class RemoteFleet {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when the process has loaded its code: that is nothing that a control plane should be measured with. */
  static async launch(): Promise<RemoteFleet> {
    const fleet = new RemoteFleet(
      fork(join(import.meta.dirname, 'fleet-process.ts'), { execArgv: [...process.execArgv, ...collector] }),
    );
    await fleet.cpuSeconds();
    return fleet;
  }

  /** Resolves when every sidecar has as many resources as `expectation` says. */
  async start(options: FleetStart, expectation: Expectation): Promise<void> {
    await this.#ask({ ask: 'watch', expectation });
    await this.#ask({ ask: 'start', options });
    await this.#ask({ ask: 'seen' });
  }

  /** @returns for each sidecar the milliseconds from the call of `change` until it had what is expected */
  async timesOf(change: () => Promise<void>, expectation: Expectation): Promise<readonly number[]> {
    await this.#ask({ ask: 'watch', expectation });
    const began = monotonic();
    await change();
    const times = (await this.#ask({ ask: 'seen' })) as readonly number[];
    return times.map((time) => time - began);
  }

  /** CPU seconds that the simulation has used. */
  async cpuSeconds(): Promise<number> {
    return (await this.#ask({ ask: 'cpu' })) as number;
  }

  /** @throws Error when a stream had ended before */
  async stop(): Promise<void> {
    try {
      const lost = (await this.#ask({ ask: 'stop' })) as readonly string[];
      if (lost.length > 0) throw new Error(`${lost.length} streams were lost: ${lost.slice(0, 3).join('; ')}`);
    } finally {
      this.#child.kill('SIGKILL');
    }
  }

  #ask(request: FleetRequest): Promise<unknown> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error('the process with the simulated sidecars has ended'));
      child.once('exit', ended);
      child.once('message', (answer: FleetAnswer) => {
        child.off('exit', ended);
        if ('problem' in answer) reject(new Error(answer.problem));
        else resolve(answer.result);
      });
      child.send(request);
    });
  }
}
