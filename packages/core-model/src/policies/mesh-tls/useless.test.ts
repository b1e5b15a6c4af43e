import { expect, test } from 'vitest';
import { fieldPath } from '../../resources/field-path.ts';
import { useless } from './useless.ts';

const places = (conf: object) => useless(conf).map(({ path }) => fieldPath(...path));

test('versions of TLS that proxies have no ciphers for are told', () => {
  expect(useless({ tlsVersion: { min: 'TLS10', max: 'TLS12' } })).toEqual([]);
  expect(useless({ tlsVersion: { max: 'TLS11' } })).toEqual([
    { path: ['tlsVersion', 'max'], why: expect.stringMatching(/^leaves proxies nothing to speak/) },
  ]);
});

test('ciphers tell whether there is a version that they are for', () => {
  expect(places({ tlsVersion: { min: 'TLS12' }, tlsCiphers: ['a'] })).toEqual([]);
  expect(places({ tlsVersion: { min: 'TLS13' }, tlsCiphers: ['a'] })).toEqual(['tlsCiphers']);
});

test('nothing at all says so', () => {
  expect(places({})).toEqual(['']);
});
