import { describe, expect, test } from 'vitest';
import { dataplane, inbound, mesh, outbound, resource } from '../testing/resources.ts';
import { applyChanges, emptySnapshot, noEffectWarnings } from './index.ts';

/** A proxy that calls them, for items about them to have an effect. */
const calls = (...services: string[]) => services.map((service, i) => outbound(service, 90 + i));

const resources = [
  mesh(),
  dataplane('web', {
    inbound: [{ ...inbound('web', 80), name: 'main' }],
    outbound: calls('api', 'pets', 'database'),
    labels: { app: 'web' },
  }),
  dataplane('pets', { inbound: [inbound('pets', 83, { 'kuma.io/protocol': 'grpc' })] }),
  dataplane('db', { inbound: [inbound('database', 82, { 'kuma.io/protocol': 'tcp' })] }),
  dataplane('api', {
    inbound: [inbound('api', 81, { version: 'v1' })],
    outbound: calls('web'),
    labels: { 'k8s.kuma.io/namespace': 'shop' },
  }),
  resource('MeshHTTPRoute', 'v1', { targetRef: { kind: 'Dataplane', labels: { app: 'web' } }, to: [] }),
  resource('MeshOpenTelemetryBackend', 'otel', {}, { tier: 'a' }),
  resource('MeshHTTPRoute', 'nowhere', { targetRef: { kind: 'Dataplane', labels: { app: 'none' } }, to: [] }),
];
const { snapshot } = applyChanges(
  emptySnapshot('default'),
  resources.map((after) => ({ after })),
);
const warnings = (spec: object, type = 'MeshTimeout', labels = {}) => noEffectWarnings(snapshot, { type, labels, spec });
const fields = (spec: object, type?: string) => warnings(spec, type).map((warning) => /'(.*?)'/.exec(warning)?.[1]);

test.each<[string, object, string[]]>([
  ['none', {}, []],
  ['the mesh', { kind: 'Mesh' }, []],
  ['sidecars', { kind: 'Mesh', proxyTypes: ['Sidecar'] }, []],
  ['gateways where there are none', { kind: 'Mesh', proxyTypes: ['Gateway'] }, ['spec.targetRef']],
  ['labels of a proxy', { kind: 'Dataplane', labels: { app: 'web' } }, []],
  ['a proxy in its namespace', { kind: 'Dataplane', name: 'api', namespace: 'shop' }, []],
  ['a proxy in another namespace', { kind: 'Dataplane', name: 'api', namespace: 'stock' }, ['spec.targetRef']],
  ['a proxy that is in no namespace', { kind: 'Dataplane', name: 'web', namespace: 'shop' }, ['spec.targetRef']],
  ['a route in a namespace', { kind: 'MeshHTTPRoute', name: 'v1', namespace: 'shop' }, ['spec.targetRef']],
  ['labels of no proxy', { kind: 'Dataplane', labels: { app: 'other' } }, ['spec.targetRef']],
  ['a section of a proxy', { kind: 'Dataplane', name: 'web', sectionName: 'main' }, []],
  ['a section that it has not', { kind: 'Dataplane', name: 'web', sectionName: '80' }, ['spec.targetRef']],
  ['tags of an inbound', { kind: 'MeshSubset', tags: { version: 'v1' } }, []],
  ['tags of no inbound', { kind: 'MeshSubset', tags: { version: 'v2' } }, ['spec.targetRef']],
  ['a service', { kind: 'MeshService', name: 'api' }, []],
  ['a section of a service', { kind: 'MeshService', name: 'api', sectionName: 'http' }, ['spec.targetRef.sectionName']],
  ['a service that is not there', { kind: 'MeshService', name: 'db' }, ['spec.targetRef']],
  ['a route', { kind: 'MeshHTTPRoute', name: 'v1' }, []],
  ['a route that is not there', { kind: 'MeshHTTPRoute', name: 'v2' }, ['spec.targetRef']],
  ['a route of no proxy', { kind: 'MeshHTTPRoute', name: 'nowhere' }, ['spec.targetRef']],
])('a policy says whether its reference to %s selects something', (_, targetRef, expected) => {
  expect(fields('kind' in targetRef ? { targetRef } : {})).toEqual(expected);
});

test.each<[string, object, string[]]>([
  ['the mesh', { targetRef: { kind: 'Mesh' } }, []],
  ['a service', { targetRef: { kind: 'MeshService', name: 'api' } }, []],
  [
    'a section of a service that has none',
    { targetRef: { kind: 'MeshService', name: 'api', sectionName: 'http' } },
    ['spec.to[0].targetRef.sectionName'],
  ],
  ['a service that is not there', { targetRef: { kind: 'MeshService', name: 'db' } }, ['spec.to[0].targetRef']],
  ['services by labels', { targetRef: { kind: 'MeshService', labels: { a: 'b' } } }, ['spec.to[0].targetRef']],
  ['a service outside', { targetRef: { kind: 'MeshExternalService', name: 'api' } }, ['spec.to[0].targetRef']],
  ['a service of many zones', { targetRef: { kind: 'MeshMultiZoneService', labels: { a: 'b' } } }, ['spec.to[0].targetRef']],
  ['a route', { targetRef: { kind: 'MeshHTTPRoute', name: 'v1' } }, []],
  ['a route that is not there', { targetRef: { kind: 'MeshHTTPRoute', labels: { a: 'b' } } }, ['spec.to[0].targetRef']],
  [
    'backends and a mirror',
    {
      targetRef: { kind: 'MeshService', name: 'api' },
      rules: [
        {
          default: {
            backendRefs: [
              { kind: 'MeshServiceSubset', name: 'api', tags: { version: 'v1' } },
              { kind: 'MeshService', name: 'gone' },
              { kind: 'MeshServiceSubset', name: 'api', tags: { version: 'v2' } },
              { kind: 'MeshServiceSubset', name: 'api', tags: { version: 'v1', 'kuma.io/service': 'api' } },
            ],
            filters: [{ type: 'RequestMirror', requestMirror: { backendRef: { kind: 'MeshService', name: 'mirror' } } }],
          },
        },
      ],
    },
    [
      'spec.to[0].rules[0].default.backendRefs[1]',
      'spec.to[0].rules[0].default.backendRefs[2]',
      'spec.to[0].rules[0].default.filters[0].requestMirror.backendRef',
    ],
  ],
])('an item for %s says whether it is about something', (_, item, expected) => {
  expect(fields({ to: [item] })).toEqual(expected);
});

test.each<[string, object, boolean]>([
  ['everybody', { kind: 'Mesh' }, true],
  ['a service', { kind: 'MeshService', name: 'web' }, true],
  ['a service that is not there', { kind: 'MeshService', name: 'wbe' }, false],
  ['labels of a service, be they those of a proxy', { kind: 'MeshService', labels: { app: 'web' } }, false],
  ['tags', { kind: 'MeshSubset', tags: { 'kuma.io/service': 'api', version: 'v1' } }, true],
  ['any value of a tag', { kind: 'MeshSubset', tags: { version: '*' } }, true],
  ['tags of two proxies', { kind: 'MeshSubset', tags: { 'kuma.io/service': 'web', version: 'v1' } }, false],
])('an item for clients by %s says whether there are any', (_, targetRef, there) => {
  expect(fields({ from: [{ targetRef, default: {} }] })).toEqual(there ? [] : ['spec.from[0].targetRef']);
});

test('a section of a client says that it is meant as a whole', () => {
  const targetRef = { kind: 'MeshService', name: 'web', sectionName: 'main' };
  expect(fields({ from: [{ targetRef, default: {} }] })).toEqual(['spec.from[0].targetRef.sectionName']);
});

test('a condition on a server name says that nobody meets it', () => {
  const sni = { type: 'Exact', value: 'sni.extsvc.default.east.api.443' };
  const spiffeID = { type: 'Exact', value: 'spiffe://default/web' };
  const rules = [{ default: { deny: [{ spiffeID }, { spiffeID, sni }] } }];
  expect(fields({ rules })).toEqual(['spec.rules[0].default.deny[1].sni']);
});

test.each([
  ['Exact', 'spiffe://default/web', true],
  ['Exact', 'spiffe://default/we', false],
  ['Exact', 'spiffe://other/web', false],
  ['Prefix', 'spiffe://default/we', true],
  ['Prefix', 'spiffe://default/', true],
  ['Prefix', 'spiffe://', true],
  ['Prefix', 'spiffe://default/wbe', false],
  ['Prefix', 'spiffe://default.zone.mesh.local/', false],
])('a condition %s %s on ids of clients says whether there are any', (type, value, there) => {
  const rules = [{ default: { allow: [{ spiffeID: { type, value } }] } }];
  expect(fields({ rules })).toEqual(there ? [] : ['spec.rules[0].default.allow[0].spiffeID']);
});

test('of many ids that nobody has some are named, and the others counted', () => {
  const allow = Array.from({ length: 100 }, (_, i) => ({ spiffeID: { type: 'Exact', value: `spiffe://default/later-${i}` } }));
  const found = warnings({ rules: [{ default: { allow } }] });
  expect(found).toHaveLength(6);
  expect(found.at(-1)).toContain('95 more');
});

test('a reference to a route says in which namespace it is not there', () => {
  const to = [{ targetRef: { kind: 'MeshHTTPRoute', name: 'v1', namespace: 'shop' } }];
  expect(warnings({ to })).toEqual([expect.stringContaining('MeshHTTPRoute "v1" of namespace "shop", which')]);
});

test('routes of requests say that a service does not speak in requests', () => {
  const rules = [{ matches: [{ method: 'GET' }], default: { backendRefs: [{ kind: 'MeshService', name: 'api' }] } }];
  const to = ['database', 'api'].map((name) => ({ targetRef: { kind: 'MeshService', name }, rules }));
  expect(fields({ to }, 'MeshHTTPRoute')).toEqual(['spec.to[0].targetRef']);
  expect(fields({ to }, 'MeshTCPRoute')).toEqual([]);
});

test.each<[string, object, { readonly version: string }, string[]]>([
  ['MeshTimeout', { http: { requestTimeout: '1s' } }, { version: 'v1' }, ['http.requestTimeout']],
  ['MeshTimeout', { connectionTimeout: '1s', http: { maxStreamDuration: '1s' } }, { version: 'v1' }, []],
  ['MeshTimeout', { http: { requestTimeout: '1s' } }, { version: 'v2' }, []],
  ['MeshTimeout', { http: { requestTimeout: '1s' } }, { version: 'v4' }, ['http.requestTimeout']],
  ['MeshRetry', { http: { numRetries: 1 } }, { version: 'v1' }, ['http']],
  ['MeshLoadBalancingStrategy', { hashPolicies: [{ type: 'Connection' }] }, { version: 'v1' }, ['hashPolicies']],
  ['MeshAccessLog', { backends: [] }, { version: 'v1' }, ['backends']],
])('a %s %j for the part %j of a service says what has no effect where a route divides requests', (type, conf, tags, idle) => {
  const part = (version: string, weight?: number) => ({ kind: 'MeshServiceSubset', name: 'api', tags: { version }, weight });
  const rules = [
    { matches: [], default: { backendRefs: [part('v1', 9), part('v3', 1)] } },
    { matches: [], default: { backendRefs: [part('v2'), part('v1', 0)] } },
    { matches: [], default: { backendRefs: ['a', 'b'].map((zone) => ({ ...part('v4'), tags: { version: 'v4', zone } })) } },
  ];
  const to = [{ targetRef: { kind: 'MeshService', name: 'api' }, rules }];
  const divided = applyChanges(snapshot, [{ after: resource('MeshHTTPRoute', 'canary', { to }) }]).snapshot;
  const spec: object = { to: [{ targetRef: part(tags.version), default: conf }] };
  const policy = { type, labels: {}, spec };
  const about = (text: string) => text.includes('MeshHTTPRoute "canary" divides');
  const found = noEffectWarnings(divided, policy).filter(about);
  expect(found.map((text) => /'(.*?)'/.exec(text)?.[1])).toEqual(idle.map((path) => `spec.to[0].default.${path}`));
  expect(noEffectWarnings(snapshot, policy).filter(about)).toEqual([]);
});

test.each<[string, object, string[]]>([
  ['MeshTimeout', { connectionTimeout: '1s', idleTimeout: '1s' }, ['idleTimeout']],
  ['MeshRetry', { tcp: { maxConnectAttempt: 2 } }, ['tcp']],
  ['MeshAccessLog', { backends: [] }, ['backends']],
])('a %s %j for a part of a service says what has no effect where a route divides connections', (type, conf, idle) => {
  const part = (version: string, weight: number) => ({ kind: 'MeshServiceSubset', name: 'database', tags: { version }, weight });
  const found = (...weights: readonly [number, number]) => {
    const rules = [{ default: { backendRefs: [part('v1', weights[0]), part('v2', weights[1])] } }];
    const to = [{ targetRef: { kind: 'MeshService', name: 'database' }, rules }];
    const divided = applyChanges(snapshot, [{ after: resource('MeshTCPRoute', 'canary', { to }) }]).snapshot;
    const spec: object = { to: [{ targetRef: part('v1', 1), default: conf }] };
    const about = (text: string) => text.includes('on connections that MeshTCPRoute "canary" divides');
    return noEffectWarnings(divided, { type, labels: {}, spec }).filter(about);
  };
  expect(found(9, 1).map((text) => /'(.*?)'/.exec(text)?.[1])).toEqual(idle.map((path) => `spec.to[0].default.${path}`));
  expect(found(1, 0)).toEqual([]);
});

describe('an item for a part of a service says that nothing leads there', () => {
  const part = { kind: 'MeshServiceSubset', name: 'api', tags: { version: 'v1' } };
  const spec: object = { to: [{ targetRef: part, default: { idleTimeout: '1s' } }] };
  const policy = { type: 'MeshTimeout', labels: {}, spec };
  const leadingTo = (ref: object) => [{ matches: [], default: { backendRefs: [ref] } }];
  const route = (type: string, rules: object[]) =>
    resource(type, 'r', { to: [{ targetRef: { kind: 'MeshService', name: 'web' }, rules }] });
  const caller = (tags: Record<string, string>) =>
    dataplane('web', {
      inbound: [inbound('web', 80)],
      outbound: [{ port: 90, tags: { 'kuma.io/service': 'api', ...tags } }],
    });
  test.each<[string, ReturnType<typeof resource>, boolean]>([
    ['no route', route('MeshHTTPRoute', []), false],
    ['a route to another part', route('MeshHTTPRoute', leadingTo({ ...part, tags: { version: 'v2' } })), false],
    ['a route to the service', route('MeshHTTPRoute', leadingTo({ kind: 'MeshService', name: 'api' })), false],
    ['a route', route('MeshHTTPRoute', leadingTo(part)), true],
    ['a route without a weight', route('MeshHTTPRoute', leadingTo({ ...part, weight: 0 })), false],
    ['a route to a part of it', route('MeshHTTPRoute', leadingTo({ ...part, tags: { version: 'v1', a: 'b' } })), true],
    ['a route of connections', route('MeshTCPRoute', leadingTo(part)), true],
    ['an outbound', caller({ version: 'v1' }), true],
    ['an outbound to the service', caller({}), false],
  ])('with %s', (_, after, reached) => {
    const found = noEffectWarnings(applyChanges(snapshot, [{ after }]).snapshot, policy);
    expect(found).toEqual(reached ? [] : [expect.stringContaining("'spec.to[0].targetRef'")]);
  });
});

test('a route of connections says that one of requests counts for all of its proxies', () => {
  const service = { kind: 'MeshService', name: 'api' };
  const to = [{ targetRef: service, rules: [{ matches: [], default: { backendRefs: [service] } }] }];
  const onWeb = { targetRef: { kind: 'Dataplane', labels: { app: 'web' } } };
  const routed = applyChanges(snapshot, [{ after: resource<object>('MeshHTTPRoute', 'h', { ...onWeb, to }) }]).snapshot;
  const found = (spec: object) => noEffectWarnings(routed, { type: 'MeshTCPRoute', labels: {}, spec });
  expect(found({ ...onWeb, to })).toEqual([expect.stringMatching(/'spec.to\[0\]' has no effect.*MeshHTTPRoute "h"/)]);
  expect(found({ to })).toEqual([]);
  expect(found({ ...onWeb, to: [{ ...to[0], targetRef: { kind: 'MeshService', name: 'database' } }] })).toEqual([]);
});

test('permissions say that a mesh without mutual TLS cannot tell clients apart', () => {
  const policy = { type: 'MeshTrafficPermission', labels: {}, spec: { from: [] } };
  expect(noEffectWarnings(snapshot, policy)).toEqual([expect.stringContaining('no mutual TLS')]);
  const secured = applyChanges(snapshot, [{ after: mesh('STRICT') }]).snapshot;
  expect(noEffectWarnings(secured, policy)).toEqual([]);
});

test.each<[string, object, boolean]>([
  ['a name', { name: 'otel' }, true],
  ['another name', { name: 'other' }, false],
  ['labels', { labels: { tier: 'a' } }, true],
  ['other labels', { labels: { tier: 'b' } }, false],
])('a reference to a collector by %s says whether it is there', (_, by, there) => {
  const backendRef = { kind: 'MeshOpenTelemetryBackend', ...by };
  const conf = { backends: [{ type: 'OpenTelemetry', openTelemetry: { backendRef } }] };
  const at = 'default.backends[0].openTelemetry.backendRef';
  expect(fields({ default: conf })).toEqual(there ? [] : [`spec.${at}`]);
  expect(fields({ to: [{ targetRef: { kind: 'Mesh' }, default: conf }] })).toEqual(there ? [] : [`spec.to[0].${at}`]);
  expect(fields({ rules: [{ default: conf }] })).toEqual(there ? [] : [`spec.rules[0].${at}`]);
});

describe('a setting of requests says that only bytes can be told apart', () => {
  const header = { type: 'Header', header: { name: 'x' } };
  const connection = { type: 'SourceIP', connection: { sourceIP: true } };
  const allDetectors = {
    totalFailures: { consecutive: 1 },
    gatewayFailures: { consecutive: 1 },
    localOriginFailures: { consecutive: 1 },
    successRate: {},
    failurePercentage: {},
  };
  test.each<[string, object, string[]]>([
    ['MeshTimeout', { idleTimeout: '1s', http: { requestTimeout: '1s' } }, ['http']],
    ['MeshTimeout', { idleTimeout: '1s' }, []],
    ['MeshRetry', { tcp: { maxConnectAttempt: 1 }, http: { numRetries: 1 }, grpc: { numRetries: 1 } }, ['http', 'grpc']],
    ['MeshHealthCheck', { http: { disabled: true }, tcp: {}, grpc: {} }, ['grpc']],
    ['MeshCircuitBreaker', { outlierDetection: { detectors: allDetectors } }, []],
    [
      'MeshCircuitBreaker',
      { outlierDetection: { splitExternalAndLocalErrors: true, detectors: allDetectors } },
      ['outlierDetection.detectors.totalFailures', 'outlierDetection.detectors.gatewayFailures'],
    ],
    [
      'MeshCircuitBreaker',
      { connectionLimits: { maxConnections: 1, maxPendingRequests: 1, maxRequests: 1, maxRetries: 1, maxConnectionPools: 1 } },
      ['connectionLimits.maxConnectionPools', 'connectionLimits.maxRequests', 'connectionLimits.maxRetries'],
    ],
    [
      'MeshLoadBalancingStrategy',
      { loadBalancer: { type: 'RingHash', ringHash: { hashPolicies: [connection, header] } } },
      ['loadBalancer.ringHash.hashPolicies[1]'],
    ],
    ['MeshLoadBalancingStrategy', { hashPolicies: [header] }, ['hashPolicies[0]']],
  ])('of %s with %j to a service of TCP', (type, conf, at) => {
    const to = [{ targetRef: { kind: 'MeshService', name: 'database' }, default: conf }];
    expect(fields({ to }, type)).toEqual(at.map((path) => `spec.to[0].default.${path}`));
    expect(fields({ to: [{ targetRef: { kind: 'Mesh' }, default: conf }] }, type)).toEqual([]);
  });

  const database = { kind: 'MeshSubset', tags: { 'kuma.io/service': 'database' } };
  test.each<[string, object, string]>([
    ['MeshTimeout', { http: { requestTimeout: '1s' } }, 'http'],
    ['MeshFaultInjection', { http: [{ abort: { httpStatus: 500, percentage: 1 } }] }, 'http'],
    ['MeshRateLimit', { local: { http: { disabled: false }, tcp: { disabled: true } } }, 'local.http'],
  ])('of %s to inbounds of TCP', (type, conf, path) => {
    const everyone = { targetRef: { kind: 'Mesh' }, default: conf };
    expect(fields({ targetRef: database, rules: [{ default: conf }] }, type)).toEqual([`spec.rules[0].default.${path}`]);
    expect(fields({ targetRef: database, from: [everyone] }, type)).toEqual([`spec.from[0].default.${path}`]);
    for (const targetRef of [{ kind: 'Dataplane' }, { kind: 'Mesh' }, { kind: 'MeshService', name: 'api' }])
      expect(fields({ targetRef, rules: [{ default: conf }] }, type)).toEqual([]);
  });
});

test.each([
  ['MeshRetry', 'api', ['tcp', 'grpc']],
  ['MeshRetry', 'pets', ['tcp', 'http']],
  ['MeshHealthCheck', 'api', ['grpc']],
  ['MeshHealthCheck', 'pets', ['http']],
  ['MeshTimeout', 'api', []],
  ['MeshTimeout', 'pets', []],
])('a %s for requests that %s does not take says so', (type, name, idle) => {
  const conf = { tcp: { maxConnectAttempt: 1 }, http: { numRetries: 1 }, grpc: { numRetries: 1 } };
  const to = [{ targetRef: { kind: 'MeshService', name }, default: conf }];
  expect(new Set(fields({ to }, type))).toEqual(new Set(idle.map((path) => `spec.to[0].default.${path}`)));
});

test('a policy without an item, and a route without rules, say that they do nothing', () => {
  const to = (rules: object[]) => [{ targetRef: { kind: 'MeshService', name: 'backend' }, rules }];
  expect(fields({}, 'MeshHTTPRoute')).toEqual(['spec.to']);
  expect(fields({ to: [] }, 'MeshHealthCheck')).toEqual(['spec.to']);
  expect(fields({ to: to([]) }, 'MeshHTTPRoute')).toContain('spec.to[0].rules');
  expect(fields({ to: to([{ default: {} }]) }, 'MeshTCPRoute')).toContain('spec.to[0].rules');
});

test('a policy of a consumer or a workload owner says that its namespace has no proxy', () => {
  const ofNamespace = (role: string, namespace?: string) =>
    warnings({}, 'MeshTimeout', { 'kuma.io/policy-role': role, ...(namespace && { 'k8s.kuma.io/namespace': namespace }) });
  expect(ofNamespace('consumer')).toEqual([expect.stringContaining("there is no label 'k8s.kuma.io/namespace'")]);
  expect(ofNamespace('workload-owner', 'elsewhere')).toEqual([expect.stringContaining('namespace "elsewhere"')]);
  expect(ofNamespace('consumer', 'shop')).toEqual([]);
  expect(ofNamespace('producer', 'elsewhere')).toEqual([]);
  expect(ofNamespace('system')).toEqual([]);
});

test('rules by identity say that nobody has one without mutual TLS', () => {
  const web = [{ spiffeID: { type: 'Exact' as const, value: 'spiffe://default/web' } }];
  const none = { http: [] };
  const policy = {
    type: 'MeshFaultInjection',
    labels: {},
    spec: { rules: [{ default: none }, { matches: web, default: none }] },
  };
  expect(noEffectWarnings(snapshot, policy)).toEqual([expect.stringContaining("'spec.rules[1].matches' matches nobody now")]);
  const secured = applyChanges(snapshot, [{ after: mesh('STRICT') }]).snapshot;
  expect(noEffectWarnings(secured, policy)).toEqual([]);
});

test('settings of incoming traffic say that a gateway has none', () => {
  const edge = { type: 'DELEGATED', tags: { 'kuma.io/service': 'edge' } };
  const gateway = resource('Dataplane', 'edge', { networking: { address: '10.0.0.9', gateway: edge, outbound: calls('api') } });
  const { snapshot: withGateway } = applyChanges(snapshot, [{ after: gateway }]);
  const said = (targetRef: object, more: object) =>
    noEffectWarnings(withGateway, { type: 'MeshTimeout', labels: {}, spec: { targetRef, ...more } });
  const rules = [{ default: { idleTimeout: '1s' } }];
  const gateways = { kind: 'Mesh', proxyTypes: ['Gateway'] } as const;
  expect(said(gateways, { rules })).toEqual([expect.stringContaining("'spec.rules' has no effect: no proxy")]);
  expect(said(gateways, { from: [{ targetRef: { kind: 'Mesh' }, ...rules[0] }] })).toEqual([
    expect.stringContaining("'spec.from'"),
  ]);
  expect(said({ kind: 'Mesh' }, { rules })).toEqual([]);
  expect(said(gateways, { to: [{ targetRef: { kind: 'Mesh' }, ...rules[0] }] })).toEqual([]);
});

test('what a MeshTLS says of both sides is of use to a gateway, and its mode is not', () => {
  const edge = { type: 'DELEGATED', tags: { 'kuma.io/service': 'edge' } };
  const gateway = resource('Dataplane', 'edge', { networking: { address: '10.0.0.9', gateway: edge, outbound: calls('api') } });
  const { snapshot: withGateway } = applyChanges(snapshot, [{ after: mesh('STRICT') }, { after: gateway }]);
  const said = (targetRef: object, conf: object) =>
    noEffectWarnings(withGateway, { type: 'MeshTLS', labels: {}, spec: { targetRef, rules: [{ default: conf }] } });
  const gateways = { kind: 'Mesh', proxyTypes: ['Gateway'] };
  const noInbound = [expect.stringContaining("'spec.rules' has no effect: no proxy")];
  expect(said(gateways, { tlsVersion: { min: 'TLS13' } })).toEqual([]);
  expect(said(gateways, { mode: 'Strict' })).toEqual(noInbound);
  expect(said({ kind: 'Dataplane', name: 'edge' }, { tlsVersion: { min: 'TLS13' } })).toEqual(noInbound);
});

test('an item for all destinations says that nobody whom the policy selects calls any', () => {
  const to = [{ targetRef: { kind: 'Mesh' as const }, default: { connectionTimeout: '1s' } }];
  const byName = (name: string) => ({ targetRef: { kind: 'Dataplane' as const, name }, to });
  expect(warnings(byName('db'))).toEqual([
    "field 'spec.to[0]' has no effect: no proxy that the policy selects calls a service now",
  ]);
  expect(warnings(byName('web'))).toEqual([]);
  expect(fields(byName('nobody'))).toEqual(['spec.targetRef']);
  const alone = applyChanges(emptySnapshot('default'), [{ after: mesh() }, { after: dataplane('db', { inbound: [] }) }]).snapshot;
  expect(noEffectWarnings(alone, { type: 'MeshTimeout', labels: {}, spec: { to } })).toEqual([]);
  const networking = { address: '10.0.0.9', transparentProxying: { redirectPortInbound: 1, redirectPortOutbound: 2 } };
  const redirected = applyChanges(snapshot, [{ after: resource('Dataplane', 'db', { networking }) }]).snapshot;
  expect(noEffectWarnings(redirected, { type: 'MeshTimeout', labels: {}, spec: byName('db') })).toEqual([]);
});

test('passing by is said to have no effect where nothing is redirected', () => {
  const targetRef = { kind: 'Dataplane', labels: { app: 'web' } };
  expect(warnings({ targetRef, default: { passthroughMode: 'All' } }, 'MeshPassthrough')).toEqual([
    expect.stringContaining('transparentProxying'),
  ]);
});

test('a policy that may have a default and has none says that it does nothing', () => {
  expect(fields({}, 'MeshPassthrough')).toContain('spec.default');
  expect(fields({ default: {} }, 'MeshPassthrough')).not.toContain('spec.default');
});

test('metrics that want the certificates of a mesh without any are said to stay closed', () => {
  const secured = (mode: string) => ({ default: { backends: [{ type: 'Prometheus', prometheus: { tls: { mode } } }] } });
  expect(fields(secured('ActiveMTLSBackend'), 'MeshMetric')).toEqual(['spec.default.backends[0].prometheus.tls.mode']);
  expect(fields(secured('Disabled'), 'MeshMetric')).toEqual([]);
});
