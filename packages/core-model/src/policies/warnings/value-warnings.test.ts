import { expect, test } from 'vitest';
import { applyChanges, emptySnapshot } from '../../snapshot/index.ts';
import { dataplane, inbound, mesh, outbound, resource } from '../../testing/resources.ts';
import { costlyValueWarnings, uselessValueWarnings } from './value-warnings.ts';

/** Of a policy in a mesh of two services, beside others of its kind. */
function warnings(type: string, spec: object, ...others: readonly object[]): readonly string[] {
  const resources = [
    mesh(),
    dataplane('web', { inbound: [inbound('web', 80)], outbound: [outbound('api', 90)], labels: { app: 'web' } }),
    dataplane('api', { inbound: [inbound('api', 81)] }),
    ...others.map((other, i) => resource<object>(type, `other-${i}`, other)),
  ];
  const { snapshot } = applyChanges(
    emptySnapshot('default'),
    resources.map((after) => ({ after })),
  );
  return uselessValueWarnings(snapshot, resource(type, 'written', spec));
}

test('a value of no use is told of where it stands in the policy, with the reason', () => {
  expect(warnings('MeshRetry', { to: [{ default: { grpc: { numRetries: 0, perTryTimeout: '1s' } } }] })).toEqual([
    "field 'spec.to[0].default.grpc.perTryTimeout' has no effect as long as numRetries is 0",
  ]);
  expect(warnings('MeshPassthrough', { default: { appendMatch: [{ type: 'IP', value: '10.0.0.1' }] } })).toEqual([
    "field 'spec.default.appendMatch' has no effect as long as passthroughMode is not Matched",
  ]);
  const rules = [{ default: {} }, { matches: [{ method: 'CONNECT' }], default: {} }];
  expect(warnings('MeshHTTPRoute', { to: [{ rules: [] }, { rules }] })).toEqual([
    "field 'spec.to[1].rules[1].matches[0].method' matches nothing: proxies answer CONNECT with 404",
  ]);
});

const all = { kind: 'Mesh' };
const onWeb = { kind: 'Dataplane', labels: { app: 'web' } };
const onApi = { kind: 'Dataplane', name: 'api' };
const to = (conf: object) => ({ to: [{ targetRef: all, default: conf }] });
const rule = (conf: object) => ({ rules: [{ default: conf }] });
const limit = (http: object) => rule({ local: { http } });
const detectors = (conf: object) => to({ outlierDetection: { detectors: { localOriginFailures: { consecutive: 5 } }, ...conf } });

test.each<[string, string, object, object, object]>([
  [
    'MeshPassthrough',
    'spec.default.appendMatch',
    { default: { appendMatch: [{ type: 'IP', value: '10.0.0.1' }] } },
    { default: { passthroughMode: 'Matched' } },
    { default: { passthroughMode: 'All' } },
  ],
  [
    'MeshRateLimit',
    'spec.rules[0].default.local.http.onRateLimit',
    limit({ onRateLimit: { status: 503 } }),
    limit({ requestRate: { num: 1, interval: '1s' } }),
    limit({ onRateLimit: { status: 504 } }),
  ],
  [
    'MeshHealthCheck',
    'spec.to[0].default.alwaysLogHealthCheckFailures',
    to({ tcp: {}, alwaysLogHealthCheckFailures: true }),
    to({ eventLogPath: '/tmp/health.log' }),
    to({ interval: '5s' }),
  ],
  [
    'MeshCircuitBreaker',
    'spec.to[0].default.outlierDetection.detectors.localOriginFailures',
    detectors({}),
    detectors({ splitExternalAndLocalErrors: true }),
    detectors({ interval: '5s' }),
  ],
])(
  'a %s is told that %s lacks something, unless another one says it for one of its proxies',
  (type, field, spec, completing, other) => {
    const of = (targetRef: object, stated: object) => ({ targetRef, ...stated });
    const told = [expect.stringContaining(`'${field}' has no effect`)];
    expect(warnings(type, of(onWeb, spec))).toEqual(told);
    expect(warnings(type, of(onWeb, spec), of(all, other))).toEqual(told);
    expect(warnings(type, of(onWeb, spec), of(onApi, completing))).toEqual(told);
    expect(warnings(type, of(onWeb, spec), of(all, completing))).toEqual([]);
    expect(warnings(type, of(all, spec), of(onApi, completing))).toEqual([]);
  },
);

test.each(['MeshFaultInjection', 'MeshLoadBalancingStrategy', 'MeshTLS'])('a %s that sets nothing tells so', (type) => {
  for (const part of ['to', 'from', 'rules'])
    expect(warnings(type, { [part]: [{ default: {} }, {}] })).toEqual(
      [0, 1].map((i) => `field 'spec.${part}[${i}].default' has no effect: nothing is set`),
    );
});

test('kinds whose values are of use whatever others there are say nothing', () => {
  expect(warnings('MeshTimeout', { to: [{ default: {} }] })).toEqual([]);
});

test('what is said of some clients is told apart from what is said of all', () => {
  const rule = { default: { local: { http: { onRateLimit: { status: 503 } } } } };
  const matches = [{ spiffeID: { type: 'Exact', value: 'spiffe://default/web' } }];
  expect(warnings('MeshRateLimit', { rules: [{ matches, ...rule }, rule] })).toEqual([
    expect.stringContaining("'spec.rules[1].default.local.http.onRateLimit'"),
  ]);
});

test.each([
  ['the item', { to: [{ targetRef: { kind: 'MeshHTTPRoute', name: 'r' }, default: { idleTimeout: '1s' } }] }],
  [
    'the policy',
    { targetRef: { kind: 'MeshHTTPRoute', name: 'r' }, to: [{ targetRef: { kind: 'Mesh' }, default: { idleTimeout: '1s' } }] },
  ],
])('what is said of a route by %s is told apart from what is said of all', (_, spec) => {
  expect(warnings('MeshTimeout', spec)).toEqual([expect.stringContaining("'spec.to[0].default.idleTimeout' has no effect on a")]);
  expect(warnings('MeshTimeout', { to: [{ targetRef: { kind: 'Mesh' }, default: { idleTimeout: '1s' } }] })).toEqual([]);
});

test('a value with a price is told of where it stands in the policy', () => {
  const price = (initialJitter: string) =>
    costlyValueWarnings({
      type: 'MeshHealthCheck',
      spec: { to: [{ default: { tcp: {} } }, { default: { tcp: {}, initialJitter } }] },
    });
  expect(price('20s')).toEqual([]);
  expect(price('1m')).toEqual([
    "field 'spec.to[1].default.initialJitter' puts off, by up to 1m, that a proxy that starts is ready and that a new destination can be called",
  ]);
  expect(costlyValueWarnings({ type: 'MeshTimeout', spec: { to: [{ default: {} }] } })).toEqual([]);
});
