import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

const subset = { kind: 'MeshSubset', tags: { team: 'red' } };

function fields(conf: object, targetRef?: object): string[] {
  const spec = { ...(targetRef && { targetRef }), rules: [{ default: conf }] };
  const parsed = parseResource({ type: 'MeshTLS', mesh: 'default', name: 't', spec });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field.replace('spec.rules[0].default.', ''));
}

test.each<[string, object, object | undefined, string[]]>([
  ['the mode of some proxies', { mode: 'Strict' }, subset, []],
  [
    'everything of all proxies',
    { mode: 'Permissive', tlsVersion: { min: 'TLS12', max: 'TLS13' }, tlsCiphers: [] },
    undefined,
    [],
  ],
  ['an open range', { tlsVersion: { min: 'TLS13', max: 'TLSAuto' } }, { kind: 'Mesh' }, []],
  ['nothing', {}, undefined, []],
  [
    'versions and ciphers of some proxies',
    { tlsVersion: { min: 'TLS12' }, tlsCiphers: ['ECDHE-RSA-AES128-GCM-SHA256'] },
    { kind: 'Dataplane', name: 'web' },
    ['tlsVersion', 'tlsCiphers'],
  ],
  ['a range upside down', { tlsVersion: { min: 'TLS13', max: 'TLS12' } }, undefined, ['tlsVersion.min']],
  ['words that mean nothing', { mode: 'STRICT', tlsVersion: { max: 'TLS1.3' } }, undefined, ['mode', 'tlsVersion.max']],
  ['a cipher that is none of these', { tlsCiphers: ['ECDHE-RSA-AES128-GCM-SHA256', 'AES128-SHA'] }, undefined, ['tlsCiphers[1]']],
])('with %s', (_, conf, targetRef, at) => {
  expect(fields(conf, targetRef)).toEqual(at);
});

test('clients cannot be told apart', () => {
  const spec = { from: [{ targetRef: subset, default: { mode: 'Strict' } }] };
  const parsed = parseResource({ type: 'MeshTLS', mesh: 'default', name: 't', spec });
  expect(parsed.ok ? [] : parsed.problems.map(({ field }) => field)).toEqual(['spec.from[0].targetRef.kind']);
});
