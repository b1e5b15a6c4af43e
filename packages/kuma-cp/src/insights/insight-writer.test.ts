import type { ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMemoryStore } from '../store/memory-store.ts';
import { InsightWriter, type Urgency } from './insight-writer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A writer where another control plane hears of news, and the size of each batch that it has written. */
function writing() {
  const { insights } = createMemoryStore();
  const put = vi.spyOn(insights, 'putMany');
  const writer = new InsightWriter({
    store: Object.assign(insights, { subscribe: () => () => {} }),
    log: pino({ level: 'silent' }),
    collect: () => ({}),
    written: () => {},
  });
  return {
    batches: () => put.mock.calls.map(([batch]) => batch.length),
    news(count: number, urgency: Urgency = 'news') {
      for (let i = 0; i < count; i++) writer.dirty(keyOf(i), urgency);
    },
  };
}

const keyOf = (index: number): ResourceKey => ({ type: 'DataplaneInsight', mesh: 'default', name: `web-${index}` });

test('news is written soon, and after a large batch only when it is time for the next one', async () => {
  const { batches, news } = writing();
  news(20);
  await vi.advanceTimersByTimeAsync(200);
  expect(batches()).toEqual([20]);
  news(1);
  await vi.advanceTimersByTimeAsync(900);
  expect(batches()).toEqual([20]);
  await vi.advanceTimersByTimeAsync(100);
  expect(batches()).toEqual([20, 1]);
});

test('what is urgent does not wait for that time', async () => {
  const { batches, news } = writing();
  news(20);
  await vi.advanceTimersByTimeAsync(200);
  news(1);
  news(1, 'urgent');
  await vi.advanceTimersByTimeAsync(200);
  expect(batches()).toEqual([20, 1]);
});

test('a large batch that is long over does not hold up news', async () => {
  const { batches, news } = writing();
  news(20);
  await vi.advanceTimersByTimeAsync(200);
  await vi.advanceTimersByTimeAsync(60_000);
  news(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(batches()).toEqual([20, 1]);
});
