import { expect, test } from 'vitest';
import { longestDuration } from '../../resources/duration.ts';
import { grpcRetry, httpRetry } from './retry.ts';

test.each<[string, object, object]>([
  ['ten times the base where nothing is said', { baseInterval: '2s' }, { base: 2_000, max: 20_000 }],
  ['the base where less is said', { baseInterval: '2s', maxInterval: '1s' }, { base: 2_000, max: 2_000 }],
  ['what proxies can count at most', { baseInterval: '2562047h' }, { base: longestDuration, max: longestDuration }],
  ['that, too, behind a tenth', { baseInterval: '300000h' }, { base: 300_000 * 3_600_000, max: longestDuration }],
])('the longest back-off is %s', (_, backOff, times) => {
  for (const retry of [httpRetry({ backOff }), grpcRetry({ backOff })]) expect(retry?.backOff).toEqual(times);
});
