import { expect, test } from 'vitest';
import type { Resource } from '../../resources/resource.ts';
import { applyChanges, emptySnapshot } from '../../snapshot/index.ts';
import { dataplane, inbound, mesh, outbound, resource } from '../../testing/resources.ts';
import { hiddenMatchWarnings } from './hidden-matches.ts';

const proxies = [
  dataplane('web', { inbound: [inbound('web', 80)], labels: { app: 'web' } }),
  dataplane('api', { inbound: [inbound('api', 81)], labels: { app: 'api' } }),
];
const service = { kind: 'MeshService', name: 'api' };
const path = (type: string, value: string) => ({ path: { type, value } });
const everyPath = path('PathPrefix', '/');
const expression = path('RegularExpression', '/v[0-9]');
const yes = { headers: [{ type: 'Exact', name: 'x-a', value: 'yes' }] };

function route(name: string, matches: readonly object[], spec: object = {}) {
  const rules = matches.map((match) => ({ matches: [match], default: {} }));
  return resource<object>('MeshHTTPRoute', name, { to: [{ targetRef: service, rules }], ...spec });
}

function warnings(written: ReturnType<typeof route>, ...others: readonly Resource<object>[]): readonly string[] {
  const all = [mesh('STRICT'), ...proxies, ...others].map((after) => ({ after }));
  return hiddenMatchWarnings(applyChanges(emptySnapshot('default'), all).snapshot, written);
}

test.each<[string, object, object]>([
  ['a regular expression', expression, everyPath],
  ['a header alone', yes, everyPath],
  ['a method alone', { method: 'GET' }, everyPath],
  ['a regular expression with the same condition', { ...expression, ...yes }, { ...everyPath, ...yes }],
  [
    'what says of a header that it is exact',
    { ...expression, ...yes },
    { ...everyPath, headers: [{ name: 'x-a', value: 'yes' }] },
  ],
])('%s behind a prefix / is told that it matches nothing', (_, hidden, hiding) => {
  expect(warnings(route('r', [hidden, hiding]))).toEqual([
    "field 'spec.to[0].rules[0].matches[0]' matches nothing: the prefix / of spec.to[0].rules[1].matches[0] comes first",
  ]);
});

test.each<[string, object, object]>([
  ['a longer prefix', path('PathPrefix', '/v1'), everyPath],
  ['an exact path', path('Exact', '/v1'), everyPath],
  ['a header at the same prefix', { ...everyPath, ...yes }, everyPath],
  ['a regular expression behind another prefix', expression, path('PathPrefix', '/v1')],
  ['a regular expression behind a condition that it does not have', expression, { ...everyPath, ...yes }],
])('%s has its requests', (_, shown, other) => {
  expect(warnings(route('r', [shown, other]))).toEqual([]);
});

test('a regular expression behind a prefix of all that it matches is told', () => {
  const behind = (value: string) => warnings(route('r', [path('RegularExpression', value), path('PathPrefix', '/api')]));
  expect(behind('/api/v[0-9]+')).toEqual([expect.stringContaining('the prefix /api of spec.to[0].rules[1].matches[0]')]);
  for (const beside of ['/api.*', '/(api)/v1', '/api/x|/other']) expect(behind(beside)).toEqual([]);
});

test('a match that stands among those of an earlier rule is told', () => {
  const rules = [[path('Exact', '/a'), yes], [path('Exact', '/a')]].map((matches) => ({ matches, default: {} }));
  const written = resource<object>('MeshHTTPRoute', 'r', { to: [{ targetRef: service, rules }] });
  expect(warnings(written)).toEqual([
    "field 'spec.to[0].rules[1].matches[0]' matches nothing: what spec.to[0].rules[0].matches[0] matches comes first",
  ]);
});

test('of equal matches of two routes that of the route that counts less is told', () => {
  const exact = (value: string) => path('Exact', value);
  const rule = { matches: [exact('/a'), exact('/b')], default: {} };
  const both = resource<object>('MeshHTTPRoute', 'b', { to: [{ targetRef: service, rules: [rule] }] });
  const [first, last] = [route('a', [exact('/a')]), route('c', [exact('/a')])];
  expect(warnings(first, both)).toEqual([]);
  expect(warnings(both, first)).toEqual([
    `field 'spec.to[0].rules[0].matches[0]' matches nothing: what MeshHTTPRoute "a" matches comes first`,
  ]);
  expect(warnings(last, both)).toEqual([
    `field 'spec.to[0].rules[0].matches[0]' matches nothing: what MeshHTTPRoute "b" matches comes first`,
  ]);
});

test('what is merged into the first of several rules with a match has its requests', () => {
  const rule = (...matches: readonly object[]) => ({ matches, default: {} });
  const of = (name: string, ...rules: readonly object[]) =>
    resource<object>('MeshHTTPRoute', name, { to: [{ targetRef: service, rules }] });
  const before = of('z', rule(yes), rule(yes, path('Exact', '/a')));
  expect(warnings(of('a', rule(yes)), before)).toEqual([]);
});

const on = (app: string) => ({ targetRef: { kind: 'Dataplane', labels: { app } } });
const byAnother = [expect.stringMatching(/matches nothing: the prefix \/ of MeshHTTPRoute "(all|on-.*)" comes first$/)];

test.each<[string, object, ReturnType<typeof route>[], unknown]>([
  ['for all proxies hides those of some', on('api'), [route('all', [everyPath])], byAnother],
  ['for some proxies leaves those of others', on('api'), [route('on-web', [everyPath], on('web'))], []],
  ['for some proxies leaves those of all', {}, [route('on-web', [everyPath], on('web'))], []],
  ['in two parts hides', {}, ['web', 'api'].map((app) => route(`on-${app}`, [everyPath], on(app))), byAnother],
])('a prefix / of another route %s', (_, spec, others, expected) => {
  expect(warnings(route('r', [expression], spec), ...others)).toEqual(expected);
});

test('proxies that do not call the service have none of its requests', () => {
  const networking = { address: '10.0.0.9', inbound: [inbound('shop', 82)], outbound: [outbound('api', 10_001)] };
  const caller = dataplane('shop', { ...networking, labels: { app: 'shop' } });
  const others = [caller, route('on-shop', [everyPath], on('shop'))];
  expect(warnings(route('r', [expression]), ...others)).toEqual(byAnother);
});

test('a prefix / for another service, or in shadow, hides nothing', () => {
  const elsewhere = { to: [{ targetRef: { kind: 'MeshService', name: 'web' }, rules: [{ matches: [everyPath], default: {} }] }] };
  const shadow = { ...route('shadow', [everyPath]), labels: { 'kuma.io/effect': 'shadow' } };
  expect(warnings(route('r', [expression]), route('elsewhere', [], elsewhere), shadow)).toEqual([]);
});
