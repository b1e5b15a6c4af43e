import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('calls back in order of time, each key once, with its newest deadline', () => {
  const due: string[] = [];
  const deadlines = new Deadlines<string>((key) => due.push(key));
  const now = Date.now();
  deadlines.set('c', now + 300);
  deadlines.set('a', now + 100);
  deadlines.set('b', now + 200);
  deadlines.set('a', now + 250);
  vi.advanceTimersByTime(150);
  expect(due).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(due).toEqual(['b', 'a', 'c']);
});

test('a removed key is not called, and no timer is left behind', () => {
  const due: string[] = [];
  const deadlines = new Deadlines<string>((key) => due.push(key));
  deadlines.set('a', Date.now() + 100);
  deadlines.delete('a');
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(1000);
  expect(due).toEqual([]);
});

test('a deadline beyond what one timer can wait is met', () => {
  const due: string[] = [];
  const deadlines = new Deadlines<string>((key) => due.push(key));
  const tenYears = 10 * 365 * 24 * 3600 * 1000;
  deadlines.set('a', Date.now() + tenYears);
  vi.advanceTimersByTime(tenYears - 1);
  expect(due).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(due).toEqual(['a']);
});

test('many random deadlines come in order', () => {
  const due: number[] = [];
  const deadlines = new Deadlines<number>((key) => due.push(key));
  const now = Date.now();
  const times = Array.from({ length: 500 }, (_, index) => ((index * 7919) % 1009) * 1000 + index / 1000);
  for (const time of times) deadlines.set(time, now + time);
  vi.advanceTimersByTime(2_000_000);
  expect(due).toEqual([...times].sort((a, b) => a - b));
});
