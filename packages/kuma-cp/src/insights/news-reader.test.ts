import type { ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMemoryStore } from '../store/memory-store.ts';
import type { Insight } from '../store/store.ts';
import { NewsReader } from './news-reader.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const key: ResourceKey = { type: 'DataplaneInsight', mesh: 'default', name: 'web' };

/** A reader, what it has read, and how another control plane writes. */
function reading() {
  const { insights } = createMemoryStore();
  let tell: (keys: readonly ResourceKey[]) => void = () => {};
  const subscribe = (listener: typeof tell) => {
    tell = listener;
    return () => {};
  };
  const store = Object.assign(insights, { subscribe });
  const read: unknown[] = [];
  const reader = NewsReader.of(store, {
    wanted: () => true,
    read: (rows) => read.push(...rows.map(({ spec }) => spec)),
    log: pino({ level: 'silent' }),
  })!;
  const write = async (spec: string) => {
    await store.putMany([{ ...key, creationTime: '', modificationTime: '', spec }]);
    tell([key]);
  };
  return { store, read, reader, write };
}

test('news that could not be read is read once that is possible', async () => {
  const { store, read, write, reader } = reading();
  vi.spyOn(store, 'getMany').mockRejectedValueOnce(new Error('the connection was closed'));
  await write('a certificate');
  await vi.advanceTimersByTimeAsync(500);
  expect(read).toEqual([]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(read).toEqual(['a certificate']);
  reader.close();
});

test('what is read late is not taken for newer than what was written meanwhile', async () => {
  const { store, read, write, reader } = reading();
  const late = Promise.withResolvers<readonly Insight[]>();
  vi.spyOn(store, 'getMany').mockReturnValueOnce(late.promise);
  await write('old');
  await vi.advanceTimersByTimeAsync(500);
  await write('new');
  await vi.advanceTimersByTimeAsync(500);
  late.resolve([{ ...key, creationTime: '', modificationTime: '', spec: 'old' }]);
  await vi.advanceTimersByTimeAsync(500);
  expect(read).toEqual(['old', 'new']);
  reader.close();
});
