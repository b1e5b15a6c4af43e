import { expect, test } from 'vitest';
import { fieldPath } from '../../resources/field-path.ts';
import { useless } from './useless.ts';

const places = (...rules: object[]) => useless({ rules }).map(({ path }) => fieldPath(...path));

test('a route of requests CONNECT says that it matches none', () => {
  const found = places({ matches: [{ method: 'GET' }, { method: 'CONNECT' }], default: {} }, { default: {} });
  expect(found).toEqual(['rules[0].matches[1].method']);
});

test('a route that redirects says what has no effect on requests that go nowhere', () => {
  const backendRefs = [{ kind: 'MeshService', name: 'api' }];
  const others = ['URLRewrite', 'ResponseHeaderModifier', 'RequestHeaderModifier'].map((type) => ({ type }));
  expect(places({ default: { backendRefs, filters: [{ type: 'RequestRedirect' }, ...others] } })).toEqual(
    ['backendRefs', 'filters[1]', 'filters[3]'].map((path) => `rules[0].default.${path}`),
  );
  expect(places({ default: { backendRefs, filters: others } })).toEqual([]);
});

test.each<[string, object[], string[]]>([
  ['two values', [{ value: 'a' }, { type: 'Exact', value: 'b' }], ['headers[1]']],
  ['a value twice', [{ value: 'a' }, { value: 'a' }], []],
  ['values of two headers', [{ value: 'a' }, { name: 'y', value: 'b' }], []],
  ['a value and its beginning', [{ value: 'ab' }, { type: 'Prefix', value: 'a' }], []],
  ['no value and some value', [{ type: 'Absent' }, { type: 'Present' }, { value: 'a' }], ['headers[1]', 'headers[2]']],
])('a match that wants %s of a header says whether none has that', (_, headers, opposed) => {
  const match = { headers: headers.map((header) => ({ name: 'x', ...header })) };
  expect(places({ matches: [match], default: {} })).toEqual(opposed.map((header) => `rules[0].matches[0].${header}`));
});

test('of several redirects, hosts or paths a route says which are never written', () => {
  const redirect = { type: 'RequestRedirect', requestRedirect: { hostname: 'a.b' } };
  const rewrite = (urlRewrite: object) => ({ type: 'URLRewrite', urlRewrite });
  const path = { type: 'ReplaceFullPath', replaceFullPath: '/x' };
  const rewrites = [rewrite({ hostname: 'a.b', path }), rewrite({ hostname: 'c.d' })];
  const superseded = (filters: object[]) =>
    places({ default: { filters } }).map((place) => place.replace('rules[0].default.', ''));
  expect(superseded([redirect, redirect])).toEqual(['filters[0].requestRedirect']);
  expect(superseded(rewrites)).toEqual(['filters[0].urlRewrite.hostname']);
  expect(superseded([...rewrites, rewrite({ path })])).toEqual(['filters[0].urlRewrite.hostname', 'filters[0].urlRewrite.path']);
  expect(superseded([redirect, ...rewrites])).toEqual(['filters[1]', 'filters[2]']);
});

test('a route of which no destination takes any request says so, unless it redirects', () => {
  const backendRefs = ['v1', 'v2'].map((name) => ({ kind: 'MeshService', name, weight: 0 }));
  const all = ['rules[0].default.backendRefs'];
  expect(places({ default: { backendRefs } })).toEqual(all);
  expect(places({ default: { backendRefs: [...backendRefs, { kind: 'MeshService', name: 'v3' }] } })).toEqual([]);
  expect(places({ default: { backendRefs: [] } })).toEqual([]);
  expect(places({ default: { backendRefs, filters: [{ type: 'RequestRedirect' }] } })).toEqual(all);
});

test.each([
  ['PathPrefix', '/café', '/café arrives as /caf%C3%A9'],
  ['PathPrefix', '/caf%C3%A9', undefined],
  ['Exact', "/100%/~me/-_.!$&'()*+,;=:@[]", undefined],
  ['Exact', '/a b', '/a b arrives as /a%20b'],
  ['Exact', '/{id}', '/{id} arrives as /%7Bid%7D'],
  ['Exact', '/%7Eme/%2e%2F', '/%7Eme/%2e%2F arrives as /~me/%2e%2F'],
  ['Exact', '/a/../b/./c', '/a/../b/./c arrives as /b/c'],
  ['Exact', '/a/%2E.', '/a/%2E. arrives as /'],
  ['Exact', '/a/..b/...', undefined],
  ['Exact', '/a\\b', '/a\\b arrives as /a/b'],
  ['Exact', '/a?b=c', 'a path ends before ?, queryParams match what follows'],
  ['Exact', '/a#b', '/a#b arrives as /a%23b'],
  ['RegularExpression', '/café/[0-9]+', '/café/ arrives as /caf%C3%A9/'],
  ['RegularExpression', '/caf(é|e)', undefined],
  ['RegularExpression', '/a/..b', undefined],
  ['RegularExpression', '/a\\?b', 'a path ends before ?, queryParams match what follows'],
])('a path %s %s that no request has says so', (type, value, why) => {
  const rule = { matches: [{ path: { type: type as 'Exact', value } }], default: {} };
  const found = useless({ rules: [rule] });
  expect(found.map(({ path, why: said }) => `${fieldPath(...path)} ${said}`)).toEqual(
    why ? [`rules[0].matches[0].path.value matches nothing: ${why}`] : [],
  );
});

test('a name or value of a query parameter that no URL has says so', () => {
  const queryParams = [
    { type: 'Exact', name: 'q', value: 'a b' },
    { type: 'Exact', name: 'ü', value: 'a%20b+{c}=d' },
    { type: 'RegularExpression', name: 'r', value: '[^&#]+' },
    { type: 'Exact', name: 'a=b', value: 'c' },
  ];
  const found = useless({ rules: [{ matches: [{ queryParams }], default: {} }] } as never);
  expect(found.map(({ path, why }) => `${fieldPath(...path)} ${why}`)).toEqual([
    expect.stringMatching(/^rules\[0\]\.matches\[0\]\.queryParams\[0\]\.value matches nothing: a URL has %20 for " "/),
    expect.stringMatching(/^rules\[0\]\.matches\[0\]\.queryParams\[1\]\.name matches nothing: a URL has %C3%BC for "ü"/),
    expect.stringMatching(/^rules\[0\]\.matches\[0\]\.queryParams\[3\]\.name matches nothing: a URL has %3D for "="/),
  ]);
});

test('a rewrite to a path that Envoy does not take says so', () => {
  const rewritten = (path: object) =>
    useless({ rules: [{ default: { filters: [{ type: 'URLRewrite', urlRewrite: { path } }] } }] });
  expect(rewritten({ type: 'ReplaceFullPath', replaceFullPath: '/a b#c' })).toEqual([
    {
      path: ['rules', 0, 'default', 'filters', 0, 'urlRewrite', 'path', 'replaceFullPath'],
      why: 'makes requests fail: /a b#c is written /a%20b%23c in a path',
    },
  ]);
  expect(rewritten({ type: 'ReplacePrefixMatch', replacePrefixMatch: '/café?x=%20' })).toEqual([]);
});

test('a header of connections is told to have no effect', () => {
  const headers = (...names: string[]) => names.map((name) => ({ name, value: 'trailers' }));
  const filters = [
    { type: 'RequestHeaderModifier', requestHeaderModifier: { set: headers('te', 'upgrade'), add: headers('connection') } },
    {
      type: 'ResponseHeaderModifier',
      responseHeaderModifier: { set: headers('x-length', 'content-length'), remove: ['upgrade'] },
    },
    { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'te', value: 'gzip' }] } },
  ];
  expect(places({ default: { filters } })).toEqual(
    [
      '[0].requestHeaderModifier.set[1]',
      '[0].requestHeaderModifier.add[0]',
      '[1].responseHeaderModifier.set[1]',
      '[2].requestHeaderModifier.set[0]',
    ].map((path) => `rules[0].default.filters${path}`),
  );
});

test('an empty path is told to replace none', () => {
  const path = { type: 'ReplaceFullPath', replaceFullPath: '' };
  const told = (filter: object) => places({ default: { filters: [filter] } });
  expect(told({ type: 'URLRewrite', urlRewrite: { path } })).toEqual([
    'rules[0].default.filters[0].urlRewrite.path.replaceFullPath',
  ]);
  expect(told({ type: 'RequestRedirect', requestRedirect: { path } })).toEqual([
    'rules[0].default.filters[0].requestRedirect.path.replaceFullPath',
  ]);
});
