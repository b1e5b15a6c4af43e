import { Agent } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { ask, TcpClient } from '../fixtures/services.ts';

/** Milliseconds between two requests of a caller. */
const pause = 10;

/** Requests through the mesh without end: on new connections, on one that is kept, and over TCP. */
export class SteadyCallers {
  /** Milliseconds of each answer. */
  readonly answers: number[] = [];
  readonly failures: string[] = [];
  readonly #done: Promise<unknown>;
  #stopped = false;

  constructor({ http, tcp }: { readonly http: number; readonly tcp: number }) {
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    const open = new TcpClient(tcp);
    const status = async (agent?: Agent) => {
      const { status, body } = await ask(http, agent ? { agent } : {});
      if (status !== 200) throw new Error(`${status} ${body}`);
    };
    const callers = [
      this.#call('new connection', () => status()),
      this.#call('kept connection', () => status(kept)),
      this.#call('open TCP connection', async () => void (await open.say('a line'))),
    ];
    this.#done = Promise.all(callers).finally(() => {
      kept.destroy();
      open.close();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #call(name: string, once: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      const began = performance.now();
      try {
        await once();
        this.answers.push(performance.now() - began);
      } catch (error) {
        this.failures.push(`${new Date().toISOString()} ${name}: ${(error as Error).message}`);
        if (this.failures.length > 100) return;
      }
      await setTimeout(pause);
    }
  }
}
