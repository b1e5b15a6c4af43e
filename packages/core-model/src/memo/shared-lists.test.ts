import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { Memo } from './memo.ts';
import { SharedLists } from './shared-lists.ts';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function alive(refs: readonly WeakRef<object>[]): Promise<number> {
  await setImmediate();
  collectGarbage();
  return refs.filter((ref) => ref.deref() !== undefined).length;
}

it('tells long lists apart wherever they differ', () => {
  const lists = new SharedLists();
  const items = Array.from({ length: 100 }, () => ({}));
  const variants = items.map((_, at) => items.with(at, { at }));
  const first = variants.map((variant) => lists.of(variant));
  expect(new Set(first).size).toBe(100);
  expect(variants.map((variant) => lists.of([...variant]))).toEqual(first);
});

it('keeps lists that nobody uses for a while, and what was made of them no longer, though all of their items live', async () => {
  const memo = new Memo();
  const items: object[] = [];
  const made = Array.from({ length: 1_000 }, () => {
    items.push({});
    return new WeakRef(memo.once('n', [memo.intern(items)], () => ({ of: items.length })));
  });
  expect(memo.once('n', [memo.intern(items)], () => ({}))).toEqual({ of: 1_000 });
  expect(await alive(made)).toBeLessThan(300);
  expect(memo.once('n', [memo.intern(items)], () => ({}))).toEqual({ of: 1_000 });
});

it('keeps a list that is used', async () => {
  const lists = new SharedLists();
  const item = {};
  const used = lists.of([item]);
  for (let i = 0; i < 300; i++) lists.of(Array.from({ length: 1_000 }, () => i));
  await alive([]);
  expect(lists.of([item])).toBe(used);
});
