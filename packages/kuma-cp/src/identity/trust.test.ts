import { afterEach, expect, test, vi } from 'vitest';
import type { Authority } from './authority.ts';
import { Trust } from './trust.ts';

const authority = (id: string) => ({ id, certificate: `root of ${id}` }) as Authority;
const [one, two] = [authority('1'), authority('2')];
const both = 'root of 1\nroot of 2\n';
const later = Date.now() + 3_600_000;

afterEach(() => void vi.useRealTimers());

/** A mesh whose one proxy has a certificate of `one`, and roots and certificate of `two` after that. */
function replaced() {
  const trust = new Trust(() => {});
  const leaves = { first: {}, second: {} };
  trust.use(one);
  trust.connected('web');
  trust.issued('web', leaves.first, '1', later);
  trust.rootsTaken('web', trust.roots);
  trust.leafTaken('web', leaves.first);
  trust.use(two);
  expect(trust.issuing).toBe(one);
  trust.rootsTaken('web', both);
  expect(trust.issuing).toBe(two);
  trust.issued('web', leaves.second, '2', later);
  return { trust, leaves };
}

test('an authority that comes back waits until its root is taken anew: that it is gone may be on the way', () => {
  const { trust, leaves } = replaced();
  trust.leafTaken('web', leaves.second);
  expect(trust.roots).toBe('root of 2\n');
  trust.use(one);
  expect([trust.issuing, trust.roots]).toEqual([two, both]);
  trust.rootsTaken('web', 'root of 2\n');
  expect(trust.issuing).toBe(two);
  trust.rootsTaken('web', both);
  expect(trust.issuing).toBe(one);
  trust.close();
});

test('a root stays while a certificate of its authority is on the way, whatever was taken before that', () => {
  const { trust, leaves } = replaced();
  trust.use(one);
  const third = {};
  trust.issued('web', third, '1', later);
  trust.leafTaken('web', leaves.second);
  trust.use(two);
  trust.leafTaken('web', leaves.second);
  expect(trust.roots).toBe(both);
  const fourth = {};
  trust.issued('web', fourth, '2', later);
  trust.leafTaken('web', third);
  trust.leafTaken('web', fourth);
  expect(trust.roots).toBe('root of 2\n');
  trust.close();
});

test('a proxy that has just lost its stream is waited for, and not for long', () => {
  vi.useFakeTimers();
  const trust = new Trust(() => {});
  trust.use(one);
  for (const proxy of ['web', 'api', 'gone']) trust.connected(proxy);
  trust.use(two);
  trust.away('api');
  trust.away('gone');
  trust.rootsTaken('web', both);
  expect(trust.issuing).toBe(one);
  trust.connected('api');
  trust.rootsTaken('api', both);
  expect(trust.issuing).toBe(one);
  vi.advanceTimersByTime(10_000);
  expect(trust.issuing).toBe(two);
  trust.close();
});

test('after a start, the authority that was to be replaced signs until proxies had the time to come back', () => {
  vi.useFakeTimers();
  const trust = new Trust(() => {});
  trust.use(two);
  trust.precede(one);
  expect([trust.issuing, trust.roots]).toEqual([one, both]);
  trust.connected('web');
  vi.advanceTimersByTime(10_000);
  expect(trust.issuing).toBe(one);
  trust.rootsTaken('web', both);
  expect(trust.issuing).toBe(two);
  trust.close();
});
