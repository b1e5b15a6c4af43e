import { createLogger } from '../../logging/logger.ts';
import { runUntilSignal } from '../run-until-signal.ts';

/** Closes never (`never-closes`), or fails while it runs (`throws`, `rejects`). */
const behaviour = process.argv[2];
await runUntilSignal(
  async () => {
    // Something that is open, as a server would be.
    setInterval(() => {}, 60_000);
    if (behaviour === 'throws') {
      setImmediate(() => {
        throw new Error('thrown beside everything');
      });
    }
    if (behaviour === 'rejects') void Promise.reject(new Error('rejected beside everything'));
    process.stdout.write('up\n');
    return { close: () => new Promise<void>(() => {}) };
  },
  createLogger({ level: 'info', human: false }),
);
