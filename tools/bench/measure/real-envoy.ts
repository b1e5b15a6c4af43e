import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Milliseconds between two looks. */
const interval = 2;

/** The Envoy of a real sidecar, asked over its admin socket. */
export class RealEnvoy {
  readonly #socketPath: string;

  /** @param workDir of its kuma-dp */
  constructor(workDir: string) {
    this.#socketPath = join(workDir, 'kuma-envoy-admin.sock');
  }

  /** @returns a function that resolves with the milliseconds until Envoy took an update, from the call of `watch` on */
  async watch(): Promise<() => Promise<number>> {
    const before = await this.#updates();
    const began = performance.now();
    const seen = (async () => {
      while ((await this.#updates()) === before) await setTimeout(interval);
      return performance.now() - began;
    })();
    return () => seen;
  }

  /** Updates of clusters, listeners and routes that it took since its start. */
  async #updates(): Promise<number> {
    const text = await this.#get('/stats?filter=(cds|lds|rds).*update_success');
    return text.matchAll(/: (\d+)$/gm).reduce((total, [, count]) => total + Number(count), 0);
  }

  #get(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const call = request({ socketPath: this.#socketPath, path }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => resolve(body));
      });
      call.on('error', reject);
      call.end();
    });
  }
}
