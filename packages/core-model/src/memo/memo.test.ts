import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { Memo } from './memo.ts';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('what is remembered', () => {
  it('is found by the same inputs, in the same order, under the same name', () => {
    const memo = new Memo();
    const [a, b] = [{}, {}];
    const lists = [
      [a],
      [b],
      [a, b],
      [b, a],
      [a, a],
      [],
      ['a'],
      [1],
      ['1'],
      [undefined],
      ['undefined'],
      [null],
      [a, undefined],
      [a, 1],
    ];
    const first = lists.map((inputs) => memo.once<object>('n', inputs, () => ({})));
    expect(new Set(first).size).toBe(lists.length);
    expect(lists.map((inputs) => memo.once('n', inputs, () => 'made anew'))).toEqual(first);
    expect(memo.once('other', [a], () => 'made anew')).toBe('made anew');
  });

  it('may be undefined', () => {
    const memo = new Memo();
    let made = 0;
    const make = () => void made++;
    memo.once('n', [1], make);
    memo.once('n', [1], make);
    expect(made).toBe(1);
  });

  it('goes with its inputs, the last one of all when there are others', async () => {
    const memo = new Memo();
    const kept = {};
    const gone = [1, 2, 3].map((round) => {
      const input = { round };
      memo.once('n', [kept, input], () => ({ made: round }));
      return new WeakRef(input);
    });
    memo.once('n', [kept, {}], () => ({}));
    await setImmediate();
    collectGarbage();
    expect(gone.map((ref) => ref.deref())).toEqual([undefined, undefined, undefined]);
  });

  it('is bounded where inputs are values', () => {
    const memo = new Memo();
    for (let i = 0; i < 30_000; i++) memo.once('n', [i], () => i);
    expect(memo.once('n', [29_999], () => 'made anew')).toBe(29_999);
    expect(memo.once('n', [0], () => 'made anew')).toBe('made anew');
  });
});

describe('lists', () => {
  it('are one object when they are equal, gaps and all', () => {
    const memo = new Memo();
    const [a, b] = [{}, {}];
    const lists = [[a, b], [a, undefined, b], [undefined, a, b], [a], [], [undefined]];
    const first = lists.map((list) => memo.intern<object | undefined>([...list]));
    expect(new Set(first).size).toBe(lists.length);
    for (const [i, list] of lists.entries()) expect(memo.intern<object | undefined>([...list])).toBe(first[i]);
  });
});
