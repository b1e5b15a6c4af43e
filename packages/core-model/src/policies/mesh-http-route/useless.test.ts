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

test('a route of which no destination takes any request says so, unless it redirects', () => {
  const backendRefs = ['v1', 'v2'].map((name) => ({ kind: 'MeshService', name, weight: 0 }));
  const all = ['rules[0].default.backendRefs'];
  expect(places({ default: { backendRefs } })).toEqual(all);
  expect(places({ default: { backendRefs: [...backendRefs, { kind: 'MeshService', name: 'v3' }] } })).toEqual([]);
  expect(places({ default: { backendRefs: [] } })).toEqual([]);
  expect(places({ default: { backendRefs, filters: [{ type: 'RequestRedirect' }] } })).toEqual(all);
});
