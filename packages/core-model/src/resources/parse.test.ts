import { describe, expect, test } from 'vitest';
import { parseResource } from './parse.ts';
import type { Problem } from './resource.ts';

const timeout = (spec: unknown) => ({ type: 'MeshTimeout', mesh: 'default', name: 't1', spec });
const mesh = (fields: object) => ({ type: 'Mesh', name: 'default', ...fields });
const dataplane = (networking: unknown) => ({ type: 'Dataplane', mesh: 'default', name: 'web-1', networking });
const inbound = { port: 8080, tags: { 'kuma.io/service': 'web' } };

function problems(json: unknown, expected = {}): readonly Problem[] {
  const parsed = parseResource(json, expected);
  if (parsed.ok) throw new Error('was accepted');
  return parsed.problems;
}

function fields(json: unknown, expected = {}): string[] {
  return problems(json, expected).map(({ field }) => field);
}

function reasons(json: unknown, expected = {}): string[] {
  return problems(json, expected).map(({ reason }) => reason);
}

const toAll = { to: [{ targetRef: { kind: 'Mesh' }, default: { idleTimeout: '5s' } }] };

describe('a valid resource', () => {
  test('of the shape with spec becomes a draft', () => {
    const parsed = parseResource({ ...timeout(toAll), labels: { team: 'a' } });
    expect(parsed).toEqual({
      ok: true,
      warnings: [],
      draft: { type: 'MeshTimeout', mesh: 'default', name: 't1', labels: { team: 'a' }, spec: toAll },
    });
  });

  test('of the flat shape has its own fields as spec', () => {
    const parsed = parseResource(dataplane({ address: '10.0.0.1', inbound: [inbound] }));
    expect(parsed.ok && parsed.draft.spec).toEqual({ networking: { address: '10.0.0.1', inbound: [inbound] } });
  });

  test('may carry what the control plane sets, which is ignored', () => {
    const parsed = parseResource({ ...timeout(toAll), kri: 'kri_x', status: {}, creationTime: 'a', modificationTime: 'b' });
    expect(parsed.ok && Object.keys(parsed.draft)).toEqual(['type', 'mesh', 'name', 'labels', 'spec']);
  });

  test('says that a label which decides something has a value that decides nothing', () => {
    const labelled = (labels: object) => {
      const parsed = parseResource({ ...timeout(toAll), labels });
      return parsed.ok ? parsed.warnings : [];
    };
    expect(labelled({ 'kuma.io/effect': 'shadow', 'kuma.io/policy-role': 'consumer' })).toEqual([]);
    expect(labelled({ 'kuma.io/effect': 'Shadow' })).toEqual([expect.stringContaining("'kuma.io/effect'")]);
    expect(labelled({ 'kuma.io/policy-role': 'boss' })).toEqual([expect.stringContaining("'kuma.io/policy-role'")]);
  });

  test('takes its mesh from the place it is written to', () => {
    const { mesh: _, ...json } = timeout(toAll);
    const parsed = parseResource(json, { mesh: 'm2' });
    expect(parsed.ok && parsed.draft.mesh).toBe('m2');
  });

  test('may have members without a value', () => {
    const parsed = parseResource({ ...timeout({ ...toAll, from: null }), labels: null });
    expect(parsed.ok && parsed.draft.spec).toEqual(toAll);
  });

  test('is frozen all the way down', () => {
    const parsed = parseResource(timeout(toAll));
    expect(parsed.ok && Object.isFrozen((parsed.draft.spec as typeof toAll).to[0]?.default)).toBe(true);
  });

  test('warns of deprecated fields, by their path', () => {
    const parsed = parseResource(
      dataplane({ address: '10.0.0.1', inbound: [inbound, { ...inbound, port: 81, health: { ready: true } }] }),
    );
    expect(parsed.ok && parsed.warnings).toEqual(["field 'networking.inbound[1].health' is deprecated: use state"]);
  });
});

test('a policy in an older form is accepted with warnings', () => {
  const spec = { targetRef: { kind: 'MeshSubset', tags: { a: 'b' } }, from: toAll.to };
  const parsed = parseResource(timeout(spec));
  expect(parsed.ok && parsed.warnings).toEqual([
    "value 'MeshSubset' of field 'spec.targetRef.kind' is deprecated: use Dataplane, which selects proxies by their labels",
    "field 'spec.from' is deprecated: use rules",
  ]);
});

test.each([
  ['MeshTimeout', /Kubernetes form, write type: MeshTimeout, mesh, name and labels in place of apiVersion, kind and metadata$/],
  ['Mesh', /write type: Mesh, name and labels in place of apiVersion, kind and metadata, and what is in spec without it$/],
  ['TrafficPermission', /; TrafficPermission is not supported; use MeshTrafficPermission$/],
  ['Namespace', /of whose kind Namespace there are no resources here$/],
  [undefined, /; this is an object of Kubernetes$/],
])('an object of Kubernetes of kind %s is told how to be written, or that it is none of ours', (kind, reason) => {
  const parsed = parseResource({ apiVersion: 'v1', kind, metadata: { name: 'a' } });
  expect(parsed.ok || parsed.problems).toEqual([{ field: '', reason: expect.stringMatching(reason) }]);
});

describe('the envelope', () => {
  test.each([
    ['no object', [], {}, ['']],
    ['no type', { name: 'a' }, {}, ['']],
    ['the Kubernetes form', { apiVersion: 'kuma.io/v1alpha1', kind: 'Mesh' }, {}, ['']],
    ['an unknown type', { type: 'MeshTimeot', name: 'a' }, {}, ['']],
    ['another type than the URL', timeout(toAll), { type: 'MeshRetry' }, ['']],
    ['no name', { ...timeout(toAll), name: undefined }, {}, ['name']],
    ['a bad name', { ...timeout(toAll), name: 'A_b' }, {}, ['name']],
    ['a name of 254 characters', { ...timeout(toAll), name: 'a'.repeat(254) }, {}, ['name']],
    ['another name than the URL', timeout(toAll), { name: 't2' }, ['name']],
    ['another mesh than the URL', timeout(toAll), { mesh: 'm2' }, ['mesh']],
    ['no mesh anywhere', { ...timeout(toAll), mesh: undefined }, {}, ['mesh']],
    ['a mesh where none belongs', { type: 'Zone', name: 'east', mesh: 'default' }, {}, ['mesh']],
    [
      'a bad label',
      { ...timeout(toAll), labels: { 'kuma.io/team': 'a b', '-': 'c' } },
      {},
      ['labels["kuma.io/team"]', 'labels["-"]'],
    ],
    ['an unknown field', { ...timeout(toAll), metadata: {} }, {}, ['metadata']],
    ['a field that would become the prototype', timeout(JSON.parse('{ "__proto__": {} }')), {}, ['spec.__proto__', 'spec']],
    ['fields of the spec beside it', { type: 'MeshTimeout', mesh: 'default', name: 't', ...toAll }, {}, ['to', 'spec']],
  ])('is refused with %s', (_, json, expected, at) => {
    expect(fields(json, expected)).toEqual(at);
  });

  test('names the kind that was probably meant', () => {
    expect(reasons({ type: 'MeshTimeot', name: 'a' })).toEqual(['type "MeshTimeot" is unknown; did you mean MeshTimeout?']);
  });
});

describe('the schema', () => {
  test('reports everything at once, by path', () => {
    const spec = {
      targetRef: { kind: 'Dataplane', sectionName: 'http' },
      to: [
        { targetRef: { kind: 'Mes' }, default: { http: { requestTimeot: '1s' }, idleTimeout: 5, connectionTimeout: '5 s' } },
        { targetRef: { kind: 'MeshService' }, default: { idleTimeout: '1s' } },
        { default: { idleTimeout: '1s' } },
      ],
    };
    expect(problems({ ...timeout(spec), name: 'T' })).toEqual([
      { field: 'name', reason: expect.stringContaining('lower-case') },
      { field: 'spec.to[0].targetRef.kind', reason: expect.stringContaining('must be one of Mesh, MeshSubset') },
      {
        field: 'spec.to[0].default.connectionTimeout',
        kind: 'malformed',
        reason: 'must be a duration such as 5s, 1h30m or 250ms; got "5 s"',
      },
      { field: 'spec.to[0].default.idleTimeout', kind: 'malformed', reason: 'must be a string, not a number; got 5' },
      { field: 'spec.to[0].default.http.requestTimeot', reason: 'unknown field; did you mean requestTimeout?' },
      { field: 'spec.to[2].targetRef', reason: 'must be set' },
      { field: 'spec.targetRef.sectionName', reason: 'must be absent when to is set: it names an inbound' },
      { field: 'spec.to[1].targetRef.name', reason: 'must be set when kind is MeshService, or labels' },
    ]);
  });

  test('says once that what should be one of some texts is no text', () => {
    const grpc = { retryOn: [1, 'Foo'] };
    const retry = {
      type: 'MeshRetry',
      mesh: 'default',
      name: 'r',
      spec: { to: [{ targetRef: { kind: 'Mesh' }, default: { grpc } }] },
    };
    const at = 'spec.to[0].default.grpc.retryOn';
    expect(problems(retry)).toEqual([
      { field: `${at}[0]`, kind: 'malformed', reason: 'must be a string, not a number; got 1' },
      { field: `${at}[1]`, reason: expect.stringContaining('must be one of Canceled') },
    ]);
  });

  test('says of text and of a number what they should be', () => {
    const loadBalancer = {
      type: 'LeastRequest',
      leastRequest: { activeRequestBias: '-1' },
      ringHash: { hashPolicies: [{ type: 'FilterState', filterState: { key: '' } }] },
    };
    const to = [{ targetRef: { kind: 'Mesh' }, default: { loadBalancer } }];
    const at = 'spec.to[0].default.loadBalancer';
    expect(problems({ type: 'MeshLoadBalancingStrategy', mesh: 'default', name: 'lb', spec: { to } })).toEqual([
      { field: `${at}.leastRequest.activeRequestBias`, reason: 'must be a number of 0 or more; got "-1"' },
      { field: `${at}.ringHash.hashPolicies[0].filterState.key`, reason: 'must not be empty' },
    ]);
  });

  test.each([[{}], [{ spec: null }], [{ spec: {} }]])('misses what is required in a spec that says nothing: %j', (more) => {
    const named = { type: 'MeshProxyPatch', mesh: 'default', name: 'p', ...more };
    expect(problems(named)).toEqual([{ field: 'spec.default', reason: 'must be set' }]);
  });

  test('refuses a probe of the service that would never fail or never succeed', () => {
    const probed = (serviceProbe: object) => dataplane({ address: '10.0.0.1', inbound: [{ ...inbound, serviceProbe }] });
    const at = 'networking.inbound[0].serviceProbe';
    expect(fields(probed({ unhealthyThreshold: 0, healthyThreshold: 0, interval: '0s', timeout: '0s' }))).toEqual(
      ['unhealthyThreshold', 'healthyThreshold', 'interval', 'timeout'].map((field) => `${at}.${field}`),
    );
    expect(parseResource(probed({ unhealthyThreshold: 1, healthyThreshold: 1, tcp: {} })).ok).toBe(true);
  });

  test('hides no problem of a whole list or object behind one of what is in it', () => {
    const bad = { targetRef: { kind: 'Mes' }, default: { http: { requestTimeout: '1s' } } };
    const onRoute = { targetRef: { kind: 'MeshHTTPRoute', name: 'r' }, from: [bad] };
    expect(fields(timeout(onRoute))).toEqual(['spec.from[0].targetRef.kind', 'spec.from']);
    expect(fields(timeout({ from: [bad], rules: [{ defaul: {} }] }))).toEqual([
      'spec.from[0].targetRef.kind',
      'spec.rules[0].defaul',
      'spec.rules',
      'spec.rules[0].default',
    ]);
    expect(fields(timeout({ targetRef: { kind: 'Mes' } }))).toEqual(['spec.targetRef.kind', 'spec']);
    expect(fields(timeout({ ...toAll, targetRef: { kind: 'Dataplane', name: 'd', labels: { app: 1 } } }))).toEqual([
      'spec.targetRef.labels["app"]',
      'spec.targetRef.labels',
    ]);
    const backends = [{ type: 'Zipkn' }, { type: 'Zipkin', zipkin: { url: 'http://z:9411' } }];
    expect(fields({ type: 'MeshTrace', mesh: 'default', name: 't', spec: { default: { backends } } })).toEqual([
      'spec.default.backends[0].type',
      'spec.default.backends',
    ]);
    const gateway = { type: 'DELEGATED', tags: { 'kuma.io/service': 'g' } };
    expect(fields(dataplane({ address: '10.0.0.1', gateway, inbound: [{ ...inbound, port: 'x' }] }))).toEqual([
      'networking.inbound[0].port',
      'networking.inbound',
    ]);
  });

  test('hides not that something should be absent behind what is wrong in it', () => {
    const policy = (type: string, spec: object) => ({ type, mesh: 'default', name: 'p', spec });
    const tlsVersion = { min: 'TLS14', max: 'TLS12' };
    const targetRef = { kind: 'Dataplane', labels: { app: 'web' } };
    expect(fields(policy('MeshTLS', { targetRef, rules: [{ default: { tlsVersion } }] }))).toEqual([
      'spec.rules[0].default.tlsVersion.min',
      'spec.rules[0].default.tlsVersion',
    ]);
    const matches = [{ spiffeID: { type: 'Exact', value: 'spiffe://default/web' } }];
    const local = { tcp: { connectionRate: 5 } };
    expect(fields(policy('MeshRateLimit', { rules: [{ matches, default: { local } }] }))).toEqual(
      expect.arrayContaining(['spec.rules[0].default.local.tcp.connectionRate', 'spec.rules[0].default.local.tcp']),
    );
    const backends = [{ type: 'Zipkin', zipkin: { url: 'http://z:9411' }, datadog: { url: 5 } }];
    expect(fields(policy('MeshTrace', { default: { backends } }))).toEqual([
      'spec.default.backends[0].datadog.url',
      'spec.default.backends[0].datadog',
    ]);
  });

  test('does not miss what it refused itself, nor what an unknown field was meant to be', () => {
    const to = (conf: unknown) => fields(timeout({ to: [{ targetRef: { kind: 'Mesh' }, default: conf }] }));
    expect(to({ idleTimeout: 5 })).toEqual(['spec.to[0].default.idleTimeout']);
    expect(to({ idelTimeout: '5s' })).toEqual(['spec.to[0].default.idelTimeout']);
    expect(to({ whatever: '5s' })).toEqual(['spec.to[0].default.whatever', 'spec.to[0].default']);
    const filters = [{ type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/b' } } }];
    const rules = [{ matches: [{ path: { type: 'Prefix', value: '/a' } }], default: { filters } }];
    const route = { targetRef: { kind: 'MeshService', name: 'b' }, rules };
    expect(fields({ type: 'MeshHTTPRoute', mesh: 'default', name: 'r', spec: { to: [route] } })).toEqual([
      'spec.to[0].rules[0].matches[0].path.type',
    ]);
    expect(fields(mesh({ mtls: { enabledBackend: 'a', backends: [{ name: 1, type: 'builtin' }] } }))).toEqual([
      'mtls.backends[0].name',
    ]);
    const rule = { tags: { version: 1 } };
    expect(fields(mesh({ constraints: { dataplaneProxy: { requirements: [rule] } } }))).toEqual([
      'constraints.dataplaneProxy.requirements[0].tags["version"]',
    ]);
  });

  test('says nothing of a field whose rule reads another one that was refused', () => {
    const withBackends = (fields: object) => mesh({ mtls: { enabledBackend: 'a', ...fields } });
    for (const backends of [{}, 'a', 7, [{ name: 1, type: 'builtin' }]])
      expect(problems(withBackends({ backends }))).toHaveLength(1);
    expect(fields(withBackends({ backend: [{ name: 'a', type: 'builtin' }] }))).toEqual(['mtls.backend']);
    // What else is wrong has nothing to do with it.
    const others = { backends: [{ name: 'b', type: 'builtin', dpCert: { rotation: { expiration: 5 } } }], skipValidation: 'yes' };
    expect(fields(withBackends(others))).toEqual([
      'mtls.backends[0].dpCert.rotation.expiration',
      'mtls.skipValidation',
      'mtls.enabledBackend',
    ]);
    expect(fields(withBackends({ whatever: [] }))).toEqual(['mtls.whatever', 'mtls.enabledBackend']);

    const outbound = [{ port: 1, backendRef: 'backend' }];
    expect(fields(dataplane({ address: '10.0.0.1', inbound: [inbound], outbound }))).toEqual([
      'networking.outbound[0].backendRef',
    ]);
    const policy = (type: string, conf: object) =>
      fields({ type, mesh: 'default', name: 'p', spec: { to: [{ targetRef: { kind: 'Mesh' }, default: conf }] } });
    expect(policy('MeshRetry', { http: { retriableRequestHeaders: [{ name: 'a', type: 'Presnt' }] } })).toEqual([
      'spec.to[0].default.http.retriableRequestHeaders[0].type',
    ]);
    expect(policy('MeshCircuitBreaker', { outlierDetection: { disabled: 'yes' } })).toEqual([
      'spec.to[0].default.outlierDetection.disabled',
    ]);
  });

  test('says nothing of an inbound where what is for it was refused or is missing', () => {
    const targetRef = { kind: 'Dataplane', labels: { app: 'web' }, sectionName: 'http' };
    expect(fields(timeout({ targetRef, rules: 'x' }))).toEqual(['spec.rules']);
    expect(fields(timeout({ targetRef, rule: [{ default: { idleTimeout: '5s' } }] }))).toEqual(['spec.rule']);
    expect(fields(timeout({ targetRef }))).toEqual(['spec']);
  });

  test('says a wrong type from a wrong value', () => {
    const kinds = problems(dataplane({ address: 1, inbound: [{ port: 70000, tags: { 'kuma.io/service': 3 } }] }));
    expect(kinds.map(({ field, kind }) => [field, kind])).toEqual([
      ['networking.address', 'malformed'],
      ['networking.inbound[0].port', undefined],
      ['networking.inbound[0].tags["kuma.io/service"]', 'malformed'],
    ]);
  });

  test('survives any type anywhere', () => {
    for (const junk of [1, 'x', true, [], [1], [[]], {}, { a: 1 }, [{ targetRef: 1, default: [] }]]) {
      for (const part of ['targetRef', 'to', 'from', 'rules']) {
        expect(parseResource(timeout({ [part]: junk })).ok).toBe(false);
      }
      parseResource(timeout(junk));
      parseResource(mesh({ mtls: junk, constraints: junk }));
      parseResource(mesh({ mtls: { backends: junk } }));
      parseResource(dataplane(junk));
      parseResource(dataplane({ address: junk, inbound: junk, outbound: junk, gateway: junk }));
      parseResource({ type: 'MeshHTTPRoute', mesh: 'default', name: 'r', spec: { to: [{ targetRef: junk, rules: junk }] } });
      parseResource({
        type: 'MeshHTTPRoute',
        mesh: 'default',
        name: 'r',
        spec: { to: [{ rules: [{ matches: junk, default: junk }] }] },
      });
      parseResource({ type: 'MeshRetry', mesh: 'default', name: 'r', spec: { to: [{ default: { http: { retryOn: junk } } }] } });
    }
  });

  test('never shows what a secret holds', () => {
    const json = { type: 'Secret', mesh: 'default', name: 's', data: 'not base64!' };
    expect(problems(json)).toEqual([{ field: 'data', kind: 'malformed', reason: 'must be base64' }]);
    expect(reasons({ ...json, data: 123456 })).toEqual(['must be a string, not a number']);
    expect(reasons({ ...json, data: 'c2VjcmV' })).toEqual(['must be base64, padded with = to a multiple of four characters']);
  });

  test('refuses what is nested too deeply to be a resource', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(reasons(timeout(deep))).toEqual(['must not be nested deeper than 64 levels']);
  });

  test('does not list problems without end', () => {
    const to = Array.from({ length: 1000 }, () => ({ targetRef: { kind: 'None' } }));
    expect(reasons(timeout({ to }))).toHaveLength(101);
    expect(reasons(timeout({ to })).at(-1)).toBe('900 more problems are not listed');
  });

  test('takes a large secret', () => {
    expect(parseResource({ type: 'Secret', mesh: 'default', name: 's', data: 'QUJD'.repeat(1_000_000) }).ok).toBe(true);
  });
});
