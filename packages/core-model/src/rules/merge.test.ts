import { describe, expect, it } from 'vitest';
import { resource } from '../testing/resources.ts';
import { effective, valueOrigins } from './effective.ts';
import { canonicalJson, mergeConfs } from './merge.ts';
import { policyItems } from './policy-items.ts';

describe('merging configurations', () => {
  it('merges objects field by field and replaces lists', () => {
    const a = { conf: 1, sub: { array: [1, 2, 3], other: 50, otherArray: [3, 4, 5] } };
    const b = { sub: { array: [], otherArray: [5, 6], extra: 2 } };
    expect(mergeConfs<object>([a, b])).toEqual({ conf: 1, sub: { array: [], other: 50, otherArray: [5, 6], extra: 2 } });
    expect(a.sub.array).toEqual([1, 2, 3]);
  });

  it('removes what a later one sets to null', () => {
    expect(mergeConfs<object>([{ a: 1, b: 2 }, { a: null }])).toEqual({ b: 2 });
  });

  it('gives a single configuration back as it is', () => {
    const conf = { a: [1] };
    expect(mergeConfs([conf])).toBe(conf);
  });

  it('appends lists, or merges them by key, where the policy says so', () => {
    const key = (item: unknown) => (item as { k: string }).k;
    const strategy = { 'a.list': { kind: 'append' }, rules: { kind: 'by-key', key } } as const;
    const merged = mergeConfs<object>(
      [
        { a: { list: [1] }, rules: [{ k: 'x', v: { one: 1 } }, { k: 'y' }] },
        { a: { list: [2] }, rules: [{ k: 'z' }, { k: 'x', v: { two: 2 } }] },
      ],
      strategy,
    );
    expect(merged).toEqual({ a: { list: [1, 2] }, rules: [{ k: 'z' }, { k: 'x', v: { one: 1, two: 2 } }, { k: 'y' }] });
  });
});

describe('canonical JSON', () => {
  it('is the same text whatever the order of fields', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: 0 })).toBe(canonicalJson({ a: 0, b: [{ c: 2, d: 1 }] }));
  });
});

describe('origins of values', () => {
  it('names for each value the last item that stated it', () => {
    const conf = (name: string, value: object) =>
      policyItems(resource('MeshTimeout', name, { to: [{ targetRef: { kind: 'Mesh' }, default: value }] })).to[0]!;
    const rule = effective(
      [conf('a', { connectionTimeout: '1s', http: { requestTimeout: '1s' } }), conf('b', { http: { requestTimeout: '2s' } })],
      undefined,
    )!;
    expect(Object.fromEntries(valueOrigins(rule))).toEqual({
      connectionTimeout: { kri: 'kri_mt_default___a_', ruleIndex: 0 },
      'http.requestTimeout': { kri: 'kri_mt_default___b_', ruleIndex: 0 },
    });
  });
});
