import { expect, test } from 'vitest';
import { applyChanges, emptySnapshot } from '../../snapshot/index.ts';
import { dataplane, inbound, mesh, resource } from '../../testing/resources.ts';
import { overruledWarnings } from './overruled.ts';

const proxies = [
  dataplane('web', { inbound: [inbound('web', 80)], labels: { app: 'web' } }),
  dataplane('api', { inbound: [inbound('api', 81)], labels: { app: 'api' } }),
];
const everywhere = { kind: 'Mesh' };
const onWeb = { kind: 'Dataplane', labels: { app: 'web' } };
const timeout = (name: string, spec: object) => resource<object>('MeshTimeout', name, spec);
const of = (conf: object, targetRef: object = everywhere) => ({ to: [{ targetRef, default: conf }] });
const first = timeout('a-first', of({ idleTimeout: '1s', http: { requestTimeout: '1s' } }));

function warnings(written: ReturnType<typeof timeout>, ...others: readonly ReturnType<typeof timeout>[]): readonly string[] {
  const all = [mesh('STRICT'), ...proxies, ...others].map((after) => ({ after }));
  return overruledWarnings(applyChanges(emptySnapshot('default'), all).snapshot, written);
}

test('a policy whose values are all those of another one is told of it', () => {
  const later = timeout('b-later', of({ http: { requestTimeout: '2s' } }));
  expect(warnings(later, first)).toEqual([
    'the policy has no effect now: all that it says is overruled by MeshTimeout "a-first"',
  ]);
  expect(warnings(first, later)).toEqual([]);
});

test('a policy in shadow is told of what overrules it once it is in force, and none is overruled by one', () => {
  const later = of({ http: { requestTimeout: '2s' } });
  const shadow = { 'kuma.io/effect': 'shadow' };
  expect(warnings(resource<object>('MeshTimeout', 'b-later', later, shadow), first)).toHaveLength(1);
  expect(warnings(timeout('b-later', later), resource<object>('MeshTimeout', 'a-first', first.spec, shadow))).toEqual([]);
});

test('incoming traffic is told as well, and several others by name', () => {
  const rules = (conf: object) => ({ rules: [{ default: conf }] });
  const others = [timeout('a', rules({ idleTimeout: '1s' })), timeout('b', rules({ http: { requestTimeout: '1s' } }))];
  const both = timeout('c', rules({ idleTimeout: '2s', http: { requestTimeout: '2s' } }));
  expect(warnings(both, ...others)).toEqual([expect.stringMatching(/overruled by MeshTimeout "a", "b"$|"b", "a"$/)]);
});

test.each<[string, object]>([
  ['of another field', of({ connectionTimeout: '2s' })],
  ['beside those of others', of({ idleTimeout: '2s', connectionTimeout: '2s' })],
  ['for one service', of({ idleTimeout: '2s' }, { kind: 'MeshService', name: 'api' })],
  ['of some proxies', { targetRef: onWeb, ...of({ idleTimeout: '2s' }) }],
  ['for a route', of({ http: { requestTimeout: '2s' } }, { kind: 'MeshHTTPRoute', name: 'r' })],
  ['of proxies that are not there', { targetRef: { kind: 'Dataplane', name: 'no' }, ...of({ idleTimeout: '2s' }) }],
])('a value %s counts', (_, spec) => {
  expect(warnings(timeout('b-later', spec), first)).toEqual([]);
});

test('a value for some clients counts', () => {
  const rule = { default: { http: { requestTimeout: '2s' } } };
  const matches = [{ spiffeID: { type: 'Exact', value: 'spiffe://default/web' } }];
  const others = timeout('a', { rules: [rule] });
  expect(warnings(timeout('b', { rules: [rule] }), others)).toHaveLength(1);
  expect(warnings(timeout('b', { rules: [rule, { ...rule, matches }] }), others)).toEqual([]);
});

test('a value that one of several proxies has no other for counts', () => {
  const forApi = timeout('a-api', { targetRef: { kind: 'Dataplane', labels: { app: 'api' } }, ...of({ idleTimeout: '1s' }) });
  expect(warnings(timeout('b', of({ idleTimeout: '2s' })), forApi)).toEqual([]);
});

test('a policy for which the last word is a narrower one everywhere is told', () => {
  const narrow = [onWeb, { kind: 'Dataplane', labels: { app: 'api' } }].map((targetRef, i) =>
    timeout(`narrow-${i}`, { targetRef, ...of({ idleTimeout: '1s' }) }),
  );
  expect(warnings(timeout('wide', of({ idleTimeout: '2s' })), ...narrow)).toEqual([
    expect.stringContaining('"narrow-0", "narrow-1"'),
  ]);
});

test('an empty message counts where no other policy states it', () => {
  const check = (conf: object) => resource<object>('MeshHealthCheck', 'b', of(conf));
  const other = resource<object>('MeshHealthCheck', 'a', of({ interval: '5s', tcp: { send: 'UA==' } }));
  expect(warnings(check({ interval: '9s', http: {} }), other)).toEqual([]);
  expect(warnings(check({ interval: '9s', tcp: {} }), other)).toEqual([expect.stringContaining('"a"')]);
});

test('a list that takes the place of another one is told of it', () => {
  const log = (name: string, path: string) =>
    resource<object>('MeshAccessLog', name, of({ backends: [{ type: 'File', file: { path } }] }));
  expect(warnings(log('b', '/b'), log('a', '/a'))).toEqual([expect.stringContaining('overruled by MeshAccessLog "a"')]);
  expect(warnings(log('a', '/a'), log('b', '/b'))).toEqual([]);
  const metric = (name: string, sidecar: object, port: number) =>
    resource<object>('MeshMetric', name, { default: { sidecar, backends: [{ type: 'Prometheus', prometheus: { port } }] } });
  const first = metric('a', { includeUnused: true }, 5670);
  expect(warnings(metric('b', { includeUnused: false }, 5671), first)).toEqual([expect.stringContaining('MeshMetric "a"')]);
  const profiles = { appendProfiles: [{ name: 'All' }] };
  expect(warnings(metric('b', { profiles }, 5671), first)).toEqual([]);
});

test('a list that adds up with those of others counts', () => {
  const passing = (name: string, value: string) => {
    const appendMatch = [{ type: 'IP', value, protocol: 'tcp' }];
    return resource<object>('MeshPassthrough', name, { default: { passthroughMode: 'Matched', appendMatch } });
  };
  expect(warnings(passing('b', '10.0.0.2'), passing('a', '10.0.0.1'))).toEqual([]);
});

test('nobody waits until hundreds of proxies with policies of their own are looked at', () => {
  const names = Array.from({ length: 600 }, (_, i) => `p-${i}`);
  const dataplanes = names.map((app) => dataplane(app, { inbound: [inbound('web', 80)], labels: { app } }));
  const narrow = names.map((app) => {
    return timeout(app, { targetRef: { kind: 'Dataplane', labels: { app } }, ...of({ idleTimeout: '1s' }) });
  });
  const wide = timeout('wide', { targetRef: { kind: 'Mesh', proxyTypes: ['Sidecar'] }, ...of({ idleTimeout: '2s' }) });
  const all = [mesh('STRICT'), ...dataplanes, ...narrow].map((after) => ({ after }));
  expect(overruledWarnings(applyChanges(emptySnapshot('default'), all).snapshot, wide)).toEqual([]);
});

const service = { kind: 'MeshService', name: 'api' };
const route = (type: string, name: string, rules: readonly object[]) =>
  resource<object>(type, name, { to: [{ targetRef: service, rules }] });
const leadingTo = (name: string) => ({ backendRefs: [{ kind: 'MeshService', name }] });
const on = (value: string, conf: object) => ({ matches: [{ path: { type: 'PathPrefix', value } }], default: conf });

test('a route that others have for the same requests, or for the same connections, is told of it', () => {
  const http = (name: string, ...rules: readonly object[]) => route('MeshHTTPRoute', name, rules);
  const one = http('a', on('/v1', leadingTo('api')), on('/v2', leadingTo('api')));
  expect(warnings(http('b', on('/v1', leadingTo('web'))), one)).toEqual([
    'the policy has no effect now: all that it says is overruled by MeshHTTPRoute "a"',
  ]);
  expect(warnings(http('b', on('/v3', leadingTo('web'))), one)).toEqual([]);
  expect(warnings(http('b', on('/v1', { filters: [] })), one)).toEqual([]);
  const tcp = (name: string) => route('MeshTCPRoute', name, [{ default: leadingTo('api') }]);
  expect(warnings(tcp('b'), tcp('a'))).toEqual([expect.stringContaining('overruled by MeshTCPRoute "a"')]);
});

test('a route is told of it among hundreds for the same service', () => {
  const others = Array.from({ length: 600 }, (_, i) => route('MeshHTTPRoute', `r-${i}`, [on(`/${i}`, leadingTo('api'))]));
  expect(warnings(route('MeshHTTPRoute', 'z', [on('/7', leadingTo('web'))]), ...others)).toEqual([
    expect.stringContaining('overruled by MeshHTTPRoute "r-7"'),
  ]);
});
