import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WorkRounds } from './work-rounds.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Work takes as long as `cost` says, by the clock of the test. */
function rounds(cost: (item: string) => number = () => 0) {
  const done: string[] = [];
  const work = new WorkRounds<string>((item) => {
    done.push(item);
    clock += cost(item);
  });
  return { work, done };
}

let clock = 0;
beforeEach(() => {
  clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(() => vi.restoreAllMocks());

/** Lets time pass, timers and all. */
function pass(milliseconds: number): void {
  for (let i = 0; i < milliseconds; i++) {
    clock += 1;
    vi.advanceTimersByTime(1);
  }
}

test('an item is worked on once however often it is added', () => {
  const { work, done } = rounds();
  for (const item of ['a', 'b', 'a']) work.add(item, false);
  expect(done).toEqual([]);
  pass(10);
  expect(done).toEqual(['a', 'b']);
});

test('urgent items come first', () => {
  const { work, done } = rounds();
  work.add('usual', false);
  work.add('other', false);
  work.add('urgent', true);
  pass(10);
  expect(done).toEqual(['usual', 'urgent', 'other']);
});

test('what comes after a long round waits for a while, unless it is urgent', () => {
  const { work, done } = rounds(() => 16);
  for (const item of ['a', 'b', 'c', 'd', 'e']) work.add(item, false);
  pass(10);
  expect(done).toEqual(['a', 'b', 'c', 'd', 'e']);
  work.add('late', false);
  pass(5);
  expect(done).not.toContain('late');
  work.add('urgent', true);
  pass(5);
  expect(done).toContain('urgent');
  expect(done).not.toContain('late');
  pass(100);
  expect(done.at(-1)).toBe('late');
});

test('an item that is deleted is not worked on, whatever was said of it', () => {
  const { work, done } = rounds();
  work.add('a', true);
  work.add('b', false);
  work.delete('a');
  work.delete('b');
  pass(100);
  expect(done).toEqual([]);
});

test('usual items have their turn however many urgent ones there are', () => {
  const { work, done } = rounds(() => 10);
  work.add('usual', false);
  for (let i = 0; i < 50; i++) work.add(`urgent-${i}`, true);
  pass(30);
  expect(done.indexOf('usual')).toBeLessThan(3);
});

test.each([
  ['a few urgent items leave what comes after them the usual pause', 5, true],
  ['in a storm of urgent items the others wait for more to gather until it is over', 40, false],
])('%s', (_, urgent, soon) => {
  const { work, done } = rounds(() => 4);
  for (let i = 0; i < 20; i++) work.add(`usual-${i}`, false);
  for (let i = 0; i < urgent; i++) work.add(`urgent-${i}`, true);
  while (done.length < urgent + 20) pass(1);
  work.add('late', false);
  for (let i = 0; i < 10; i++) {
    work.add(`urgent-later-${i}`, true);
    pass(40);
  }
  expect(done.includes('late')).toBe(soon);
  pass(400);
  expect(done).toContain('late');
});

test('a storm whose urgent items come in bursts is not over between them', () => {
  const { work, done } = rounds(() => 4);
  const burst = (name: string) => {
    for (let i = 0; i < 20; i++) work.add(`${name}-${i}`, true);
    pass(200);
  };
  for (let i = 0; i < 20; i++) work.add(`usual-${i}`, false);
  burst('first');
  burst('second');
  work.add('late', false);
  burst('third');
  expect(done).toContain('third-19');
  expect(done).not.toContain('late');
  pass(400);
  expect(done).toContain('late');
});

test('a round ends although more comes while it is under way', () => {
  const done: string[] = [];
  const work = new WorkRounds<string>((item) => {
    done.push(item);
    clock += 4;
    // Each brings another one that is touched by it.
    work.add(`${item}+`, false);
  });
  for (const item of ['a', 'b', 'c']) work.add(item, false);
  pass(5);
  expect(done).toEqual(['a', 'b', 'c']);
  pass(100);
  expect(done.slice(3, 6)).toEqual(['a+', 'b+', 'c+']);
});

test('who waits for the next slice goes on after it, and at once where none is about to come', async () => {
  const { work, done } = rounds();
  await work.nextSlice();
  work.add('a', false);
  const seen = work.nextSlice().then(() => [...done]);
  pass(10);
  expect(await seen).toEqual(['a']);
  work.add('b', false);
  const cleared = work.nextSlice();
  work.clear();
  await cleared;
});
