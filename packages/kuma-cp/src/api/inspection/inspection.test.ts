import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, startApiFixture } from '../api-fixture.ts';

let api: ApiFixture;

beforeAll(async () => {
  api = await startApiFixture();
  await put('/meshes/m', {
    type: 'Mesh',
    name: 'm',
    mtls: { enabledBackend: 'ca', backends: [{ name: 'ca', type: 'builtin' }] },
  });
  await put('/meshes/exclusive', { type: 'Mesh', name: 'exclusive', meshServices: { mode: 'Exclusive' } });
  for (const [mesh, name, version] of [
    ['m', 'web', 'v1'],
    ['m', 'backend', 'v2'],
    ['exclusive', 'web', 'v1'],
  ] as const) {
    const inbound = [
      { name: 'main', port: 8080, servicePort: 80, tags: { 'kuma.io/service': name, 'kuma.io/protocol': 'http', version } },
    ];
    const outbound = [{ port: 10001, tags: { 'kuma.io/service': 'backend' } }];
    await put(`/meshes/${mesh}/dataplanes/${name}`, {
      type: 'Dataplane',
      mesh,
      name,
      networking: { address: '127.0.0.1', inbound, outbound },
    });
  }
  const from = [{ targetRef: { kind: 'MeshSubset', tags: { team: 'a' } }, default: { action: 'Allow' } }];
  await put('/meshes/m/meshtrafficpermissions/only-v2', {
    type: 'MeshTrafficPermission',
    mesh: 'm',
    name: 'only-v2',
    spec: { targetRef: { kind: 'MeshSubset', tags: { version: 'v2' } }, from },
  });
});
afterAll(() => api.close());

async function put(url: string, body: object) {
  const answer = await api.request('PUT', url, body);
  if (answer.statusCode !== 201) throw new Error(`${url}: ${answer.body}`);
}
async function get(url: string, status = 200) {
  const answer = await api.request('GET', url);
  expect([url, answer.statusCode]).toEqual([url, status]);
  return answer.json();
}
async function shadowTimeout() {
  await put('/meshes/m/meshtimeouts/shadow', {
    type: 'MeshTimeout',
    mesh: 'm',
    name: 'shadow',
    labels: { 'kuma.io/effect': 'shadow' },
    spec: {
      targetRef: { kind: 'Dataplane', name: 'web' },
      to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: '77s' } }],
    },
  });
}

describe('_rules', () => {
  it('shows every kind that applies with its origin', async () => {
    const { resource, httpMatches, rules } = await get('/meshes/m/dataplanes/backend/_rules');
    expect(resource).toMatchObject({ type: 'Dataplane', mesh: 'm', name: 'backend', labels: { 'kuma.io/mesh': 'm' } });
    expect(httpMatches).toEqual([]);
    expect(rules.map(({ type }: { type: string }) => type)).toEqual([
      'MeshCircuitBreaker',
      'MeshRetry',
      'MeshTimeout',
      'MeshTrafficPermission',
    ]);
    expect(rules[1].toRules[0]).toMatchObject({
      matchers: [],
      conf: { tcp: { maxConnectAttempt: 5 } },
      origin: [{ type: 'MeshRetry', mesh: 'm', name: 'mesh-retry-all-m' }],
    });
    expect(rules[1].toResourceRules[0]).toMatchObject({ resourceMeta: { type: 'Mesh', name: 'm' }, origin: [{ ruleIndex: 0 }] });
    expect(rules[3].fromRules[0]).toMatchObject({
      inbound: { port: 8080 },
      rules: [{ matchers: [{ key: 'team', value: 'a', not: false }], conf: { action: 'Allow' } }],
    });
  });

  it('follows a change at once', async () => {
    const types = async () => (await get('/meshes/m/dataplanes/web/_rules')).rules.map(({ type }: { type: string }) => type);
    expect(await types()).not.toContain('MeshTrafficPermission');
    const spec = { targetRef: { kind: 'Mesh' }, from: [{ targetRef: { kind: 'Mesh' }, default: { action: 'Deny' } }] };
    await put('/meshes/m/meshtrafficpermissions/all', { type: 'MeshTrafficPermission', mesh: 'm', name: 'all', spec });
    expect(await types()).toContain('MeshTrafficPermission');
    await api.request('DELETE', '/meshes/m/meshtrafficpermissions/all');
    expect(await types()).not.toContain('MeshTrafficPermission');
  });

  it('shows nothing of destinations that are not there as if it were for all', async () => {
    const to = ['MeshExternalService', 'MeshMultiZoneService'].map((kind) => ({
      targetRef: { kind, name: 'backend' },
      default: { idleTimeout: '7s' },
    }));
    await put('/meshes/m/meshtimeouts/other', { type: 'MeshTimeout', mesh: 'm', name: 'other', spec: { to } });
    expect(JSON.stringify(await get('/meshes/m/dataplanes/web/_rules'))).not.toContain('7s');
    await api.request('DELETE', '/meshes/m/meshtimeouts/other');
  });

  it('lists what routes match by the names that they have in the proxy', async () => {
    const matches = ['/a', '/b'].map((value) => ({ path: { type: 'Exact', value } }));
    const to = [{ targetRef: { kind: 'MeshService', name: 'backend' }, rules: [{ matches, default: {} }] }];
    await put('/meshes/m/meshhttproutes/r', { type: 'MeshHTTPRoute', mesh: 'm', name: 'r', spec: { to } });
    const { httpMatches } = await get('/meshes/m/dataplanes/web/_rules');
    expect(httpMatches.map(({ match }: { match: object[] }) => match)).toEqual(
      expect.arrayContaining(matches.map((match) => [match])),
    );
    expect(httpMatches.every(({ hash }: { hash: string }) => /^[0-9a-f]{16}$/.test(hash))).toBe(true);
    await api.request('DELETE', '/meshes/m/meshhttproutes/r');
  });

  it('of what is not there is 404', async () => {
    const absent = await get('/meshes/m/dataplanes/no/_rules', 404);
    expect(absent.title).toBe('Could not retrieve a resource');
    expect(absent.detail).toBe('Not found: Dataplane "no" in mesh "m" does not exist');
    expect((await get('/meshes/m/meshretries/no/_resources/dataplanes', 404)).detail).toContain('MeshRetry "no" in mesh "m"');
    expect((await get('/meshes/no/dataplanes/web/_rules', 404)).title).toBe('Failed to retrieve Mesh');
  });
});

describe('_resources/dataplanes', () => {
  it('lists the proxies that a policy selects', async () => {
    const all = await get('/meshes/m/meshtimeouts/mesh-timeout-all-m/_resources/dataplanes?size=1');
    expect(all).toMatchObject({
      total: 2,
      items: [{ type: 'Dataplane', mesh: 'm', name: 'backend' }],
      next: expect.stringContaining('offset=1'),
    });
    const some = await get('/meshes/m/meshtrafficpermissions/only-v2/_resources/dataplanes');
    expect(some.items.map(({ name }: { name: string }) => name)).toEqual(['backend']);
    expect((await get('/meshes/m/meshtimeouts/mesh-timeout-all-m/_resources/dataplanes?name=we')).total).toBe(1);
    await get('/meshes/m/meshtimeouts/no/_resources/dataplanes', 404);
  });
});

describe('_config', () => {
  const cluster = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';

  it('shows what a proxy gets by type and name', async () => {
    const { xds, diff } = await get('/meshes/m/dataplanes/web/_config');
    expect(diff).toBeUndefined();
    expect(xds[cluster].backend).toMatchObject({ name: 'backend', connectTimeout: '5s' });
    expect(Object.keys(xds)).toContain('type.googleapis.com/envoy.config.listener.v3.Listener');
  });

  it('shows no key of a connected proxy', async () => {
    const dataplane = (await api.store.get({ type: 'Dataplane', mesh: 'm', name: 'web' }))!;
    const proxy = api.pipeline.connect({ mesh: 'm', name: 'web' }, { zone: 'default', features: new Set(), readinessPort: 9902 });
    await new Promise<void>((done) => {
      proxy.onConfig(
        () => proxy.config?.get('type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret')?.size && done(),
      );
    });
    const shown = await get(`/meshes/m/dataplanes/${dataplane.name}/_config`);
    const secrets = shown.xds['type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret'];
    expect(Object.keys(secrets)).toContain('identity_cert:secret:m');
    expect(JSON.stringify(secrets)).toContain('[redacted]');
    expect(JSON.stringify(shown)).not.toContain('PRIVATE KEY');
    api.pipeline.disconnect(proxy);
  });

  it('counts shadow policies in on request, and says what they would change', async () => {
    await shadowTimeout();
    expect((await get('/meshes/m/dataplanes/web/_config?include=diff')).diff).toEqual([]);
    const { xds, diff } = await get('/meshes/m/dataplanes/web/_config?shadow=true&include=diff');
    expect(xds[cluster].backend.connectTimeout).toBe('77s');
    expect(diff).toContainEqual({ op: 'replace', path: `/${cluster.replace('/', '~1')}/backend/connectTimeout`, value: '77s' });
    expect((await get('/meshes/m/dataplanes/web/_rules')).rules.every(({ type }: { type: string }) => type !== 'shadow')).toBe(
      true,
    );
  });

  it('refuses what it does not know', async () => {
    await get('/meshes/m/dataplanes/web/_config?include=everything', 400);
    await get('/meshes/m/dataplanes/web/_config?shadow=perhaps', 400);
  });

  it('is for those whom access.static.viewConfigDump names', async () => {
    const closed = await startApiFixture({ access: { viewConfigDump: { users: [], groups: [] } } });
    expect((await closed.request('GET', '/meshes/default/dataplanes/web/_config')).statusCode).toBe(403);
    await closed.close();
  });
});

describe('_layout and _policies', () => {
  const backend = 'kri_msvc_exclusive___backend_';

  it.each(['_layout', '_policies', '_inbounds/kri_dp_m_default__web_main/_policies'])(
    '%s is 400 without meshServices.mode Exclusive',
    async (path) => {
      expect((await get(`/meshes/m/dataplanes/web/${path}`, 400)).title).toBe('Bad Request');
    },
  );

  it('names inbounds by their KRI', async () => {
    expect(await get('/meshes/exclusive/dataplanes/web/_layout')).toMatchObject({
      kri: 'kri_dp_exclusive_default__web_',
      labels: { 'kuma.io/mesh': 'exclusive' },
      inbounds: [
        { kri: 'kri_dp_exclusive_default__web_main', port: 8080, protocol: 'http', proxyResourceName: 'self_inbound_dp_main' },
      ],
      outbounds: [{ kri: backend, port: 10001, protocol: 'tcp', proxyResourceName: 'backend' }],
      listeners: [],
    });
  });

  it('says what an inbound speaks where the field says it and no tag', async () => {
    const inbound = [{ port: 9090, protocol: 'grpc', tags: { 'kuma.io/service': 'rpc' } }];
    const networking = { address: '127.0.0.1', inbound };
    await put('/meshes/exclusive/dataplanes/rpc', { type: 'Dataplane', mesh: 'exclusive', name: 'rpc', networking });
    expect((await get('/meshes/exclusive/dataplanes/rpc/_layout')).inbounds).toMatchObject([{ port: 9090, protocol: 'grpc' }]);
  });

  it('shows what policies say of an inbound', async () => {
    const { policies } = await get('/meshes/exclusive/dataplanes/web/_inbounds/kri_dp_exclusive_default__web_main/_policies');
    expect(policies).toEqual([
      {
        kind: 'MeshTimeout',
        origins: [{ kri: 'kri_mt_exclusive_default__mesh-timeout-all-exclusive_' }],
        rules: [
          {
            conf: expect.objectContaining({ connectionTimeout: '10s', idleTimeout: '2h' }),
            kri: 'kri_mt_exclusive_default__mesh-timeout-all-exclusive_',
          },
        ],
      },
    ]);
    await get('/meshes/exclusive/dataplanes/web/_inbounds/kri_dp_exclusive_default__web_other/_policies', 404);
    await get('/meshes/exclusive/dataplanes/web/_inbounds/main/_policies', 400);
    expect(await get('/meshes/exclusive/dataplanes/web/_policies')).toEqual({ policies: [] });
  });
});

describe('_outbounds', () => {
  const web = '/meshes/exclusive/dataplanes/web';
  const backend = `${web}/_outbounds/kri_msvc_exclusive___backend_`;
  const timeout = (requestTimeout: string) => ({ http: { requestTimeout } });
  const toBackend = { kind: 'MeshService', name: 'backend' };
  const matches = [{ path: { type: 'PathPrefix', value: '/api' } }];

  async function putPolicy(type: string, path: string, name: string, to: readonly object[]) {
    await put(`/meshes/exclusive/${path}/${name}`, { type, mesh: 'exclusive', name, spec: { to } });
  }
  async function kindOf(url: string, wanted: string) {
    return (await get(url)).policies.find(({ kind }: { kind: string }) => kind === wanted);
  }

  it('shows what policies say of a destination, merged, with all that had a say', async () => {
    await putPolicy('MeshTimeout', 'meshtimeouts', 'of-backend', [{ targetRef: toBackend, default: timeout('7s') }]);
    const other = { targetRef: { kind: 'MeshService', name: 'other' }, default: timeout('8s') };
    await putPolicy('MeshTimeout', 'meshtimeouts', 'of-other', [other]);
    expect(await kindOf(`${backend}/_policies`, 'MeshTimeout')).toEqual({
      kind: 'MeshTimeout',
      origins: ['mesh-timeout-all-exclusive', 'of-backend'].map((name) => ({ kri: `kri_mt_exclusive_default__${name}_` })),
      conf: expect.objectContaining({ connectionTimeout: '5s', http: expect.objectContaining({ requestTimeout: '7s' }) }),
    });
  });

  it('says the same in the rules of the proxy', async () => {
    const { rules } = await get(`${web}/_rules`);
    const { toRules } = rules.find(({ type }: { type: string }) => type === 'MeshTimeout');
    expect(toRules).toContainEqual(
      expect.objectContaining({ matchers: [{ key: 'kuma.io/service', value: 'backend', not: false }] }),
    );
    const { rules: others } = await get('/meshes/exclusive/dataplanes/rpc/_rules');
    expect(others.find(({ type }: { type: string }) => type === 'MeshCircuitBreaker').toRules).toEqual([]);
  });

  it('shows its routes, and what policies say of one of them', async () => {
    await putPolicy('MeshHTTPRoute', 'meshhttproutes', 'api', [
      { targetRef: toBackend, rules: [{ matches, default: { backendRefs: [{ ...toBackend, weight: 1 }] } }] },
    ]);
    const attached = { targetRef: { kind: 'MeshHTTPRoute', name: 'api' }, default: timeout('9s') };
    await putPolicy('MeshTimeout', 'meshtimeouts', 'of-route', [attached]);
    const kri = 'kri_mhttpr_exclusive_default__api_';
    expect(await get(`${backend}/_routes`)).toEqual({
      routes: [
        {
          kind: 'MeshHTTPRoute',
          origins: [{ kri }],
          rules: [{ kri, matches, conf: { backendRefs: [{ ...toBackend, weight: 1 }] } }],
        },
      ],
    });
    expect(await kindOf(`${backend}/_policies`, 'MeshHTTPRoute')).toBe(undefined);
    const ofRoute = await kindOf(`${backend}/_routes/${kri}/_policies`, 'MeshTimeout');
    expect(ofRoute).toMatchObject({ conf: { http: { requestTimeout: '9s' } } });
    expect(ofRoute.origins.at(-1)).toEqual({ kri: 'kri_mt_exclusive_default__of-route_' });
    expect((await kindOf(`${backend}/_policies`, 'MeshTimeout')).conf.http.requestTimeout).toBe('7s');
    await get(`${backend}/_routes/kri_mhttpr_exclusive_default__other_/_policies`, 404);
    expect((await get(`${backend}/_routes/api/_policies`, 400)).detail).toBe('bad request: Invalid route KRI');
  });

  it('shows of a route all that counts for it: what is said of each policy that it was made of, and of the part it leads to', async () => {
    const networking = {
      address: '127.0.0.1',
      inbound: [{ port: 9092, tags: { 'kuma.io/service': 'routed' } }],
      outbound: [{ port: 10001, tags: { 'kuma.io/service': 'merged' } }],
    };
    await put('/meshes/exclusive/dataplanes/routed', { type: 'Dataplane', mesh: 'exclusive', name: 'routed', networking });
    const toMerged = { kind: 'MeshService', name: 'merged' };
    const part = { kind: 'MeshServiceSubset', name: 'merged', tags: { version: 'v2' } };
    const other = [{ path: { type: 'PathPrefix', value: '/other' } }];
    const conf = { backendRefs: [{ ...part, weight: 1 }] };
    const rules = [{ matches, default: {} }];
    await putPolicy('MeshHTTPRoute', 'meshhttproutes', 'lower', [{ targetRef: toMerged, rules }]);
    await putPolicy('MeshHTTPRoute', 'meshhttproutes', 'higher', [
      { targetRef: toMerged, rules: [...rules, { matches: other, default: conf }] },
    ]);
    const attached = { targetRef: { kind: 'MeshHTTPRoute', name: 'lower' }, default: timeout('3s') };
    await putPolicy('MeshTimeout', 'meshtimeouts', 'of-lower', [attached]);
    await putPolicy('MeshTimeout', 'meshtimeouts', 'of-part', [{ targetRef: part, default: timeout('4s') }]);

    const routes = '/meshes/exclusive/dataplanes/routed/_outbounds/kri_msvc_exclusive___merged_/_routes';
    const shown = async (route: string) => {
      const { policies } = await get(`${routes}/kri_mhttpr_exclusive_default__${route}_/_policies`);
      const timeouts = policies.filter(({ kind }: { kind: string }) => kind === 'MeshTimeout');
      return timeouts.map(({ conf, matches }: { conf: ReturnType<typeof timeout>; matches?: unknown }) => ({
        time: conf.http.requestTimeout,
        ...(matches !== undefined && { matches }),
      }));
    };
    expect(await shown('lower')).toEqual([{ time: '3s' }]);
    expect(await shown('higher')).toEqual([
      { time: '3s', matches },
      { time: '4s', matches: other },
    ]);
  });

  it('tells parts of a service apart', async () => {
    const outbound = ['v1', 'v2'].map((version, i) => ({
      port: 10001 + i,
      tags: { 'kuma.io/service': 'backend', version },
    }));
    const networking = { address: '127.0.0.1', inbound: [{ port: 9091, tags: { 'kuma.io/service': 'parts' } }], outbound };
    await put('/meshes/exclusive/dataplanes/parts', { type: 'Dataplane', mesh: 'exclusive', name: 'parts', networking });
    const subset = { kind: 'MeshServiceSubset', name: 'backend', tags: { version: 'v2' } };
    await putPolicy('MeshTimeout', 'meshtimeouts', 'of-v2', [{ targetRef: subset, default: timeout('2s') }]);
    const { outbounds } = await get('/meshes/exclusive/dataplanes/parts/_layout');
    const timeouts = await Promise.all(
      outbounds.map(async ({ kri }: { kri: string }) => {
        const { conf } = await kindOf(`/meshes/exclusive/dataplanes/parts/_outbounds/${kri}/_policies`, 'MeshTimeout');
        return conf.http.requestTimeout;
      }),
    );
    expect(timeouts).toEqual(['7s', '2s']);
  });

  it.each(['_policies', '_routes', '_routes/kri_mhttpr_exclusive_default__api_/_policies'])(
    '%s of what the proxy does not call is 404, and of no KRI 400',
    async (path) => {
      await get(`${web}/_outbounds/kri_msvc_exclusive___other_/${path}`, 404);
      expect((await get(`${web}/_outbounds/backend/${path}`, 400)).detail).toBe('bad request: Invalid outbound KRI');
    },
  );
});

describe('permissions of an inbound', () => {
  const allow = (value: string) => ({ default: { allow: [{ spiffeID: { type: 'Exact', value } }] } });

  it('are shown each for itself, as none replaces another', async () => {
    for (const name of ['a', 'b']) {
      const spec = { rules: [allow(`spiffe://exclusive/${name}`)] };
      await put(`/meshes/exclusive/meshtrafficpermissions/${name}`, {
        type: 'MeshTrafficPermission',
        mesh: 'exclusive',
        name,
        spec,
      });
    }
    const { policies } = await get('/meshes/exclusive/dataplanes/web/_inbounds/kri_dp_exclusive_default__web_main/_policies');
    expect(policies.at(-1)).toMatchObject({
      kind: 'MeshTrafficPermission',
      rules: ['b', 'a'].map((name) => ({
        conf: allow(`spiffe://exclusive/${name}`).default,
        kri: `kri_mtp_exclusive_default__${name}_`,
      })),
    });
    const { rules } = await get('/meshes/exclusive/dataplanes/web/_rules');
    const { inboundRules } = rules.find(({ type }: { type: string }) => type === 'MeshTrafficPermission');
    expect(inboundRules[0].rules).toMatchObject(
      ['b', 'a'].map((name) => ({
        conf: [allow(`spiffe://exclusive/${name}`).default],
        origin: [{ resourceMeta: { name }, ruleIndex: 0 }],
      })),
    );
    for (const name of ['a', 'b']) await api.request('DELETE', `/meshes/exclusive/meshtrafficpermissions/${name}`);
  });
});

describe('_kri', () => {
  it('finds a resource, or a section of one', async () => {
    expect(await get('/_kri/kri_dp_m_default__web_')).toMatchObject({ type: 'Dataplane', mesh: 'm', name: 'web' });
    expect(await get('/_kri/kri_dp_m_default__web_main')).toMatchObject({ name: 'web' });
    expect(await get('/_kri/kri_m____m_')).toMatchObject({ type: 'Mesh', name: 'm' });
  });

  it.each([
    ['nonsense', 400],
    ['kri_zz_m_default__web_', 400],
    ['kri_dp_m_default__no_', 404],
    ['kri_dp_m_elsewhere__web_', 404],
  ])('%s is %i', async (kri, status) => {
    await get(`/_kri/${kri}`, status);
  });
});
