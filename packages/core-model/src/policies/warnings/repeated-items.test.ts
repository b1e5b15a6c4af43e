import { expect, test } from 'vitest';
import { emptySnapshot } from '../../snapshot/index.ts';
import { resource } from '../../testing/resources.ts';
import { repeatedItemWarnings } from './repeated-items.ts';

const api = { kind: 'MeshService', name: 'api' };
const web = { kind: 'MeshService', name: 'web' };

function warnings(type: string, spec: object): readonly string[] {
  return repeatedItemWarnings(emptySnapshot('default'), resource<object>(type, 'p', spec));
}

const items = (...confs: readonly object[]) => ({ to: confs.map((conf) => ({ targetRef: api, default: conf })) });
const route = (...rules: readonly object[]) => ({ targetRef: api, rules });
const on = (value: string, conf: object) => ({ matches: [{ path: { type: 'Exact', value } }], default: conf });
const leadingTo = (ref: object) => ({ backendRefs: [ref] });

test.each<[string, object, object]>([
  ['MeshTimeout', { connectionTimeout: '1s' }, { connectionTimeout: '2s', idleTimeout: '1s' }],
  ['MeshRetry', { http: { numRetries: 1 } }, { http: { numRetries: 2 } }],
  ['MeshCircuitBreaker', { connectionLimits: { maxRequests: 1 } }, { connectionLimits: { maxRequests: 2 } }],
  ['MeshHealthCheck', { http: {} }, { http: { path: '/health' } }],
  ['MeshLoadBalancingStrategy', { loadBalancer: { type: 'Random' } }, { loadBalancer: { type: 'Maglev' } }],
])('an item of a %s is told of a later one that says all of it for the same destination', (type, earlier, later) => {
  expect(warnings(type, items(earlier, later))).toEqual([
    "field 'spec.to[0]' has no effect: all that it says is overruled by spec.to[1]",
  ]);
});

test('incoming traffic is told as well, of the same clients', () => {
  const of = (name: string) => [{ spiffeID: { type: 'Exact', value: `spiffe://default/${name}` } }];
  const rule = (requestTimeout: string, matches?: object) => ({
    ...(matches && { matches }),
    default: { http: { requestTimeout } },
  });
  expect(warnings('MeshTimeout', { rules: [rule('1s'), rule('2s')] })).toEqual([expect.stringContaining("'spec.rules[0]'")]);
  expect(warnings('MeshTimeout', { rules: [rule('1s', of('a')), rule('2s', of('a'))] })).toHaveLength(1);
  expect(warnings('MeshTimeout', { rules: [rule('1s'), rule('2s', of('a')), rule('3s', of('b'))] })).toEqual([]);
});

test('several that overrule an item together are named', () => {
  const both = { connectionTimeout: '1s', idleTimeout: '1s' };
  expect(warnings('MeshTimeout', items(both, { idleTimeout: '2s' }, { connectionTimeout: '2s' }))).toEqual([
    expect.stringMatching(/by spec\.to\[2\], spec\.to\[1\]$/),
  ]);
});

test('an item counts that says more, or the same of something else', () => {
  expect(warnings('MeshTimeout', items({ idleTimeout: '1s' }, { connectionTimeout: '2s' }))).toEqual([]);
  const [first, second] = [api, web].map((targetRef) => ({ targetRef, default: { idleTimeout: '1s' } }));
  expect(warnings('MeshTimeout', { to: [first, second] })).toEqual([]);
  expect(warnings('MeshHealthCheck', items({ http: {} }, { interval: '5s', tcp: {} }))).toEqual([]);
});

test('a rule of a route is told of an earlier one with the same matches, and of one in a later item', () => {
  const to = [route(on('/a', leadingTo(api)), on('/b', leadingTo(api)), on('/a', leadingTo(web)))];
  expect(warnings('MeshHTTPRoute', { to })).toEqual([
    "field 'spec.to[0].rules[2]' has no effect: all that it says is overruled by spec.to[0].rules[0]",
  ]);
  const later = [route(on('/a', leadingTo(api))), route(on('/a', leadingTo(web)), on('/b', leadingTo(web)))];
  expect(warnings('MeshHTTPRoute', { to: later })).toEqual([expect.stringContaining("'spec.to[0]' has no effect")]);
  const tcp = [api, web].map((ref) => route({ default: leadingTo(ref) }));
  expect(warnings('MeshTCPRoute', { to: tcp })).toEqual([expect.stringContaining("'spec.to[0]' has no effect")]);
});

test('a rule of a route counts that completes another one', () => {
  const filters = [{ type: 'RequestRedirect', requestRedirect: { hostname: 'a.example' } }];
  expect(warnings('MeshHTTPRoute', { to: [route(on('/a', leadingTo(api)), on('/a', { filters }))] })).toEqual([]);
  expect(warnings('MeshHTTPRoute', { to: [route(on('/a', leadingTo(api))), route(on('/a', { filters }))] })).toEqual([]);
  expect(warnings('MeshHTTPRoute', { to: [route(on('/a', leadingTo(api)), on('/b', leadingTo(web)))] })).toEqual([]);
});
