import { expect, test } from 'vitest';
import { PresumedResponses } from './presumed.ts';
import { cluster } from './testing/resources.ts';

const timed = (name: string, seconds: number) => cluster(name, { connectTimeout: `${seconds}s` });
const had = (name: string, seconds: number) => new Map([[name, timed(name, seconds)]]);

test('however often a cluster changes, one version of it is kept, and of others what they were last', () => {
  const presumed = new PresumedResponses();
  presumed.add({ nonce: 'both', changed: [timed('a', 1), timed('b', 1)], removed: [] }, new Map());
  for (let time = 2; time < 1_000; time++)
    presumed.add({ nonce: String(time), changed: [timed('a', time)], removed: [] }, had('a', time - 1));
  const kept = Array.from({ length: 1_000 }, (_, time) => String(time)).filter((nonce) => presumed.has(nonce));
  expect(kept).toEqual(['999']);
  expect(presumed.take('both')).toMatchObject({ changed: [timed('b', 1)], names: ['a', 'b'] });
  expect(presumed.take('999')).toMatchObject({ changed: [timed('a', 999)], before: had('a', 998) });
  expect(presumed.has('999')).toBe(false);
});

test('clusters that come and go leave nothing behind but the last word', () => {
  const presumed = new PresumedResponses();
  for (let time = 0; time < 100; time++) {
    presumed.add({ nonce: `+${time}`, changed: [cluster(`c${time}`)], removed: [] }, new Map());
    presumed.add({ nonce: `-${time}`, changed: [], removed: [`c${time}`] }, new Map());
  }
  const nonces = Array.from({ length: 100 }, (_, time) => [`+${time}`, `-${time}`]).flat();
  expect(nonces.filter((nonce) => presumed.has(nonce))).toEqual(['-99']);
});
