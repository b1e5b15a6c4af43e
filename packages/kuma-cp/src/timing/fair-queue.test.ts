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

test('no more tasks run at a time than may', async () => {
  const queue = new FairQueue(1000, 3);
  let running = 0;
  let most = 0;
  const task = async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
  };
  await Promise.all(Array.from({ length: 10 }, () => queue.run(task)));
  expect(most).toBe(3);
});

test('the event loop turns while tasks are left', async () => {
  const queue = new FairQueue(1);
  let turned = false;
  setTimeout(() => {
    turned = true;
  }, 0);
  let after = 0;
  const busy = async () => {
    const until = performance.now() + 2;
    while (performance.now() < until);
    if (turned) after++;
  };
  await Promise.all(Array.from({ length: 20 }, () => queue.run(busy)));
  expect(after).toBeGreaterThan(0);
});
