import { expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';

test('tasks run in order, one at a time, and a failed one holds up none', async () => {
  const queue = new FairQueue(1000);
  const log: string[] = [];
  const task = (name: string) => async () => {
    log.push(`${name} begins`);
    await Promise.resolve();
    log.push(`${name} ends`);
    if (name === 'b') throw new Error('b failed');
    return name;
  };
  const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => queue.run(task(name))));
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('as many tasks run at a time as may, and no more', async () => {
  const queue = new FairQueue(1000, 3);
  const full = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  const task = async () => {
    most = Math.max(most, ++running);
    if (running === 3) full.resolve();
    await full.promise;
    running--;
  };
  await Promise.all(Array.from({ length: 10 }, () => queue.run(task)));
  expect(most).toBe(3);
});

test('the event loop turns while tasks are left', async () => {
  const queue = new FairQueue(1);
  let turns = 0;
  const before: number[] = [];
  const busy = async () => {
    before.push(turns);
    setImmediate(() => turns++);
    const began = performance.now();
    while (performance.now() - began <= 1);
  };
  await Promise.all(Array.from({ length: 5 }, () => queue.run(busy)));
  expect(before).toEqual([0, 1, 2, 3, 4]);
});
