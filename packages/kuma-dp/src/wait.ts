import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { FlagValues } from './cli/parse-flags.ts';
import type { waitFlags } from './cli/wait-flags.ts';
import { DpError } from './dp-error.ts';

/** Waits until a sidecar is ready. @throws DpError when that takes too long */
export async function waitUntilReady(flags: FlagValues<typeof waitFlags>): Promise<void> {
  const url = flags.url ?? `http://localhost:${flags.readinessPort}/ready`;
  const deadline = performance.now() + flags.timeout;
  for (;;) {
    const problem = await ask(url, flags.requestTimeout);
    if (problem === undefined) return;
    if (performance.now() + flags.checkFrequency > deadline) {
      throw new DpError({
        code: 'KUMA_DP_NOT_READY',
        message: `${url} is not ready: ${problem}`,
        hint: 'Look at the log of kuma-dp run.',
      });
    }
    await pause(flags.checkFrequency);
  }
}

/** @returns what is wrong */
function ask(url: string, timeout: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, signal: AbortSignal.timeout(timeout) }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`);
    });
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
