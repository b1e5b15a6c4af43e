import { expect, test } from 'vitest';
import { fieldPath } from '../../resources/field-path.ts';
import { useless } from './useless.ts';

const places = (http: object, someClients = false) =>
  useless({ local: { http } }, { someClients, route: false }).map(({ path }) => fieldPath(...path));
const requestRate = { num: 1, interval: '1s' };

test.each([
  [200, ['local.http.onRateLimit.status']],
  [429, []],
])('an answer of %d to requests that are too many says whether it is one', (status, expected) => {
  expect(places({ requestRate, onRateLimit: { status } })).toEqual(expected);
});

test('an answer to what a limit refuses tells whether there is a limit', () => {
  expect(places({ requestRate, onRateLimit: {} })).toEqual([]);
  expect(places({ onRateLimit: {} })).toEqual(['local.http.onRateLimit']);
  expect(places({ disabled: true, onRateLimit: {} })).toEqual([]);
});

test('an answer to some clients may be for the limit that everyone has', () => {
  expect(places({ onRateLimit: { status: 503 } }, true)).toEqual([]);
});
