import { describe, expect, it } from 'vitest';
import { random } from '../testing/random-mesh.ts';
import { PersistentMap } from './persistent-map.ts';

describe('PersistentMap', () => {
  it('holds what a Map holds after the same edits, and earlier versions stay as they were', () => {
    const next = random(1);
    const reference = new Map<string, number>();
    let map = PersistentMap.empty<number>();
    const versions: { readonly map: PersistentMap<number>; readonly expected: ReadonlyMap<string, number> }[] = [];
    for (let batch = 0; batch < 200; batch++) {
      map = map.edit((draft) => {
        for (let i = 0; i < 50; i++) {
          const key = `key-${Math.floor(next() * 3000)}`;
          if (next() < 0.3) {
            draft.delete(key);
            reference.delete(key);
          } else {
            draft.set(key, i);
            reference.set(key, i);
          }
          expect(draft.get(key)).toBe(reference.get(key));
        }
      });
      if (batch % 20 === 0) versions.push({ map, expected: new Map(reference) });
    }
    versions.push({ map, expected: reference });
    for (const version of versions) {
      expect(version.map.size).toBe(version.expected.size);
      expect(new Map(version.map)).toEqual(version.expected);
      for (const [key, value] of version.expected) expect(version.map.get(key)).toBe(value);
    }
  });

  it('tells keys apart whose hashes are equal', () => {
    // FNV-1a of 32 bits collides for these two.
    const map = PersistentMap.empty<number>().set('costarring', 1).set('liquid', 2);
    expect(map.get('costarring')).toBe(1);
    expect(map.delete('costarring').get('liquid')).toBe(2);
    expect(map.delete('costarring').get('costarring')).toBeUndefined();
  });

  it('is the same object when an edit changes nothing', () => {
    const map = PersistentMap.empty<number>().set('a', 1);
    expect(map.delete('b')).toBe(map);
  });

  it('grows deep for very many keys and shrinks again', () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}`);
    const full = PersistentMap.empty<string>().edit((draft) => {
      for (const key of keys) draft.set(key, key);
    });
    expect(full.size).toBe(20_000);
    expect(keys.every((key) => full.get(key) === key)).toBe(true);
    const emptied = full.edit((draft) => {
      for (const key of keys) draft.delete(key);
    });
    expect([...emptied]).toEqual([]);
    expect(emptied.size).toBe(0);
  });
});
