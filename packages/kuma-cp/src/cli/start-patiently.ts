import type { Logger } from '../logging/logger.ts';
import { StoreError } from '../store/store-error.ts';
import type { Running } from './program.ts';

/** For how long a start waits for a store that is about to come, and how often it looks. Milliseconds. */
const patience = 60_000;
const pause = 1_000;

/**
 * Starts as soon as the store is there: a database that is restarted, or comes up with the host, is not waited for by hand.
 * @returns undefined when it was stopped meanwhile
 * @throws whatever keeps it from starting that does not pass, or has not passed
 */
export async function startPatiently(
  start: () => Promise<Running>,
  { log, stopped }: { readonly log: Logger; readonly stopped: Promise<void> },
): Promise<Running | undefined> {
  const end = Date.now() + patience;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof StoreError && error.passing) || Date.now() > end) throw error;
      log.warn({ reason: error.message, forAnother: `${Math.ceil((end - Date.now()) / 1000)} s` }, 'the store is waited for');
    }
    const wait = Promise.withResolvers<'go on'>();
    const timer = setTimeout(() => wait.resolve('go on'), pause);
    if ((await Promise.race([wait.promise, stopped])) !== 'go on') {
      clearTimeout(timer);
      return undefined;
    }
  }
}
