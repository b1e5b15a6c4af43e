import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Options of Node that {@link CpuProfiler} needs in the process that it looks into; and stacks that reach past one promise. */
export const profiled = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** Profiles a process of Node over its inspector, phase by phase; the files open in Chrome's developer tools. */
export class CpuProfiler {
  readonly #socket: WebSocket;
  readonly #folder: string;
  readonly #answers = new Map<number, (result: Record<string, unknown>) => void>();
  #requests = 0;

  private constructor(socket: WebSocket, folder: string) {
    this.#socket = socket;
    this.#folder = folder;
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data));
      this.#answers.get(id)?.(result);
      this.#answers.delete(id);
    });
  }

  /** @param output of the process: says where its inspector listens */
  static async attach(output: string, folder: string): Promise<CpuProfiler> {
    // The last one: kuma-cp takes its own place when it starts.
    const url = output.match(/ws:\/\/\S+/g)?.at(-1);
    if (url === undefined) throw new Error('the process does not say where its inspector listens');
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', reject);
    });
    mkdirSync(folder, { recursive: true });
    const profiler = new CpuProfiler(socket, folder);
    await profiler.#ask('Profiler.enable');
    await profiler.#ask('Profiler.setSamplingInterval', { interval: 500 });
    return profiler;
  }

  async during<T>(phase: string, work: () => Promise<T>): Promise<T> {
    await this.#ask('Profiler.start');
    try {
      return await work();
    } finally {
      const { profile } = await this.#ask('Profiler.stop');
      writeFileSync(join(this.#folder, `${phase.replaceAll(' ', '-')}.cpuprofile`), JSON.stringify(profile));
    }
  }

  close(): void {
    this.#socket.close();
  }

  #ask(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#requests;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }
}
