import { expect, test } from 'vitest';
import { policiesFor } from '../rules/resolve-rules.ts';
import { dataplane, inbound, mesh, outbound, resource } from '../testing/resources.ts';
import { applyChanges, emptySnapshot, noEffectWarnings } from './index.ts';

const shadow = { 'kuma.io/effect': 'shadow' };
const part = (version: string) => ({ kind: 'MeshServiceSubset', name: 'api', tags: { version } });
const to = [
  {
    targetRef: { kind: 'MeshService', name: 'api' },
    rules: [{ matches: [], default: { backendRefs: [part('v1'), part('v2')] } }],
  },
];

/** A mesh with one route, which is in shadow or not. */
const withRoute = (labels: Record<string, string>) =>
  applyChanges(
    emptySnapshot('default'),
    [
      mesh(),
      dataplane('web', { inbound: [inbound('web', 80)], outbound: [outbound('api', 90)] }),
      ...['v1', 'v2'].map((version) => dataplane(version, { inbound: [inbound('api', 80, { version })] })),
      resource('MeshHTTPRoute', 'r', { to }, labels),
    ].map((after) => ({ after })),
  ).snapshot;

const onRoute = { targetRef: { kind: 'MeshHTTPRoute', name: 'r' }, default: {} };
const spreads = [{ default: { backendRefs: [{ kind: 'MeshService', name: 'api' }] } }];

test.each<[string, string, object, string[], string[]]>([
  ['an item for the route', 'MeshTimeout', { to: [onRoute] }, ['spec.to[0].targetRef'], []],
  ['all of it for the route', 'MeshTimeout', { targetRef: onRoute.targetRef, to: [] }, ['spec.targetRef'], []],
  [
    'a part that it leads to, among others',
    'MeshTimeout',
    { to: [{ targetRef: part('v1'), default: { http: { requestTimeout: '1s' } } }] },
    ['spec.to[0].targetRef'],
    ['spec.to[0].default.http.requestTimeout'],
  ],
  [
    'a route of connections beside it',
    'MeshTCPRoute',
    { to: [{ targetRef: { kind: 'MeshService', name: 'api' }, rules: spreads }] },
    [],
    ['spec.to[0]'],
  ],
])('%s: a route in shadow is none, but to others in shadow', (_, type, spec, ofShadow, ofRoute) => {
  const fields = (route: Record<string, string>, labels = {}) =>
    noEffectWarnings(withRoute(route), { type, labels, spec: spec as object }).map((text) => /'(.*?)'/.exec(text)?.[1]);
  expect(fields(shadow)).toEqual(ofShadow);
  expect(fields(shadow, shadow)).toEqual(ofRoute);
  expect(fields({})).toEqual(ofRoute);
});

test('a policy on a route in shadow selects no proxy', () => {
  const policy = resource('MeshTimeout', 't', {
    targetRef: onRoute.targetRef,
    to: [{ targetRef: { kind: 'Mesh' }, default: {} }],
  });
  const kinds = (route: Record<string, string>) => {
    const { snapshot } = applyChanges(withRoute(route), [{ after: policy }]);
    return [...policiesFor(snapshot, snapshot.dataplanes.get('web')!).keys()];
  };
  expect(kinds({})).toEqual(['MeshHTTPRoute', 'MeshTimeout']);
  expect(kinds(shadow)).toEqual([]);
});
