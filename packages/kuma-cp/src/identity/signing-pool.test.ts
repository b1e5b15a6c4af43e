import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SigningPool } from './signing-pool.ts';

const request = {
  kind: 'root',
  commonName: 'test',
  uri: 'spiffe://test',
  key: { type: 'ecdsa' },
  notBefore: 0,
  notAfter: 4_000_000_000_000,
} as const;

let pool: SigningPool;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  pool = new SigningPool();
});
afterEach(async () => {
  vi.useRealTimers();
  await pool.close();
});

test('a thread that has nothing to do ends, and another one serves what comes later', async () => {
  await pool.sign(request);
  expect(pool.threads).toBe(1);
  vi.advanceTimersByTime(9_000);
  await pool.sign(request);
  vi.advanceTimersByTime(9_000);
  expect(pool.threads).toBe(1);
  vi.advanceTimersByTime(2_000);
  expect(pool.threads).toBe(0);
  expect((await pool.sign(request)).certificate).toContain('BEGIN CERTIFICATE');
});
