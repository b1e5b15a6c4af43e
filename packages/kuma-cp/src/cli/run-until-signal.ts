import { constants } from 'node:os';
import type { Logger } from '../logging/logger.ts';
import type { Running } from './program.ts';
import { startPatiently } from './start-patiently.ts';

const signals = ['SIGTERM', 'SIGINT'] as const;

/** Starts, waits for the first signal and closes; a second one ends the process at once. */
export async function runUntilSignal(start: () => Promise<Running>, log: Logger): Promise<void> {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'unexpected error, stopping');
    process.exit(1);
  });
  const stop = Promise.withResolvers<void>();
  let stopping = false;
  for (const signal of signals) {
    process.on(signal, () => {
      if (stopping) process.exit(128 + constants.signals[signal]);
      stopping = true;
      log.info({ signal }, 'stopping; a second signal stops at once');
      stop.resolve();
    });
  }
  const running = await startPatiently(start, { log, stopped: stop.promise });
  await stop.promise;
  await running?.close();
  log.info('stopped');
  // What is left open by now (a client's connection, a timer) must not keep a stopped control plane alive.
  process.exit(0);
}
