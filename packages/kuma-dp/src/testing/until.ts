import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until the answer is something. @throws when that takes too long, with what was waited for */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  limit = 20_000,
): Promise<T> {
  const deadline = Date.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`still waiting for ${what}`);
    await pause(20);
  }
}
