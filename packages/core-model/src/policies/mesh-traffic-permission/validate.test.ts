import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

function fields(spec: object): string[] {
  const parsed = parseResource({ type: 'MeshTrafficPermission', mesh: 'default', name: 'p', spec });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field);
}

const rule = (match: object) => ({ rules: [{ default: { allow: [match] } }] });
const id = (type: string, value: string) => rule({ spiffeID: { type, value } });
const sni = { type: 'Exact', value: 'sni.extsvc.default.east.api.443' };
const value = 'spec.rules[0].default.allow[0].spiffeID.value';

test.each<[string, object, string[]]>([
  [
    'clients by tags',
    { from: [{ targetRef: { kind: 'MeshSubset', tags: { a: 'b' } }, default: { action: 'AllowWithShadowDeny' } }] },
    [],
  ],
  ['clients by service', { from: [{ targetRef: { kind: 'MeshService', name: 'web' }, default: { action: 'Deny' } }] }, []],
  ['clients by identity', id('Exact', 'spiffe://default/web'), []],
  ['clients by the beginning of an identity', id('Prefix', 'spiffe://default/'), []],
  ['no action', { from: [{ targetRef: { kind: 'Mesh' } }] }, ['spec.from[0].default.action']],
  ['an empty default', { from: [{ targetRef: { kind: 'Mesh' }, default: {} }] }, ['spec.from[0].default.action']],
  [
    'an unknown action',
    { from: [{ targetRef: { kind: 'Mesh' }, default: { action: 'allow' } }] },
    ['spec.from[0].default.action'],
  ],
  ['outgoing traffic', { to: [{ targetRef: { kind: 'Mesh' } }] }, ['spec.to', 'spec']],
  ['no rules', { rules: [] }, ['spec']],
  ['an empty rule', { rules: [{ default: { deny: [] } }] }, ['spec.rules[0].default']],
  ['a match of nothing', rule({}), ['spec.rules[0].default.allow[0].spiffeID']],
  [
    'a misspelled match',
    rule({ spiffeId: {} }),
    ['spec.rules[0].default.allow[0].spiffeId', 'spec.rules[0].default.allow[0].spiffeID'],
  ],
  ['a server name, for zone proxies to come', rule({ sni }), []],
  [
    'a server name that is not compared as a whole',
    rule({ sni: { ...sni, type: 'Prefix' } }),
    ['spec.rules[0].default.allow[0].sni.type'],
  ],
  ['a server name that is no DNS name', rule({ sni: { ...sni, value: 'a{b=c}' } }), ['spec.rules[0].default.allow[0].sni.value']],
  ['a server name beside an id', rule({ sni, spiffeID: { type: 'Exact', value: 'web' } }), [value]],
  ['an id that is none', id('Exact', 'web'), [value]],
  [
    'an id that is none, beside a type that there is not',
    id('Regex', 'web'),
    ['spec.rules[0].default.allow[0].spiffeID.type', value],
  ],
  ['an id without path', id('Exact', 'spiffe://default'), [value]],
  ['a wildcard', id('Prefix', 'spiffe://default/*'), [value]],
])('with %s', (_, spec, at) => {
  expect(fields(spec)).toEqual(at);
});
