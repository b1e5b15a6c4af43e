import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, startApiFixture } from './api-fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await startApiFixture();
});
afterAll(() => api.close());

const timeout = (name: string, more: object = {}) => ({
  type: 'MeshTimeout',
  mesh: 'default',
  name,
  spec: { targetRef: { kind: 'Mesh' }, to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: '3s' } }] },
  ...more,
});
const dataplane = (name: string, tags: Record<string, string>, mesh = 'default', more: object = {}) => ({
  type: 'Dataplane',
  mesh,
  name,
  networking: { address: '127.0.0.1', inbound: [{ port: 8080, tags }] },
  ...more,
});
const url = '/meshes/default/meshtimeouts';

describe('a resource', () => {
  it('is created with 201, updated with 200, read back, deleted', async () => {
    const created = await api.request('PUT', `${url}/crud`, timeout('crud'));
    expect([created.statusCode, created.json()]).toEqual([201, {}]);
    const read = await api.request('GET', `${url}/crud`);
    expect(read.json()).toMatchObject({
      ...timeout('crud'),
      labels: { 'kuma.io/mesh': 'default', 'kuma.io/origin': 'zone', 'kuma.io/zone': 'default', 'kuma.io/env': 'universal' },
      kri: 'kri_mt_default_default__crud_',
      creationTime: expect.stringMatching(/Z$/),
      modificationTime: expect.stringMatching(/Z$/),
    });
    const updated = await api.request('PUT', `${url}/crud`, timeout('crud', { labels: { team: 'a' } }));
    expect([updated.statusCode, updated.json()]).toEqual([200, {}]);
    expect((await api.request('GET', `${url}/crud`)).json().labels).toMatchObject({ team: 'a' });
    const deleted = await api.request('DELETE', `${url}/crud`);
    expect([deleted.statusCode, deleted.json()]).toEqual([200, {}]);
    expect((await api.request('GET', `${url}/crud`)).statusCode).toBe(404);
  });

  it('may be written as it was read', async () => {
    await api.request('PUT', `${url}/again`, timeout('again'));
    const read = (await api.request('GET', `${url}/again`)).json();
    expect((await api.request('PUT', `${url}/again`, read)).statusCode).toBe(200);
    await api.request('DELETE', `${url}/again`);
  });

  it('warns when policies lose their collector with it', async () => {
    const type = 'MeshOpenTelemetryBackend';
    const backend = (name: string) => `/meshes/default/meshopentelemetrybackends/${name}`;
    const openTelemetry = { backendRef: { kind: type, name: 'otel' } };
    const spec = { default: { backends: [{ type: 'OpenTelemetry', openTelemetry }] } };
    const trace = { type: 'MeshTrace', mesh: 'default', name: 'spans', spec };
    for (const name of ['otel', 'other']) await api.request('PUT', backend(name), { type, mesh: 'default', name });
    expect((await api.request('PUT', '/meshes/default/meshtraces/spans', trace)).json()).toEqual({});
    expect((await api.request('DELETE', backend('other'))).json()).toEqual({});
    expect((await api.request('DELETE', backend('otel'))).json()).toEqual({
      warnings: [expect.stringMatching(/^MeshTrace "spans" refers to this MeshOpenTelemetryBackend/)],
    });
    expect((await api.request('PUT', '/meshes/default/meshtraces/spans', trace)).json()).toEqual({
      warnings: [expect.stringMatching(/refers to MeshOpenTelemetryBackend "otel", which mesh "default" does not have/)],
    });
    await api.request('DELETE', '/meshes/default/meshtraces/spans');
  });

  it('warns of deprecated fields', async () => {
    const inbound = [{ port: 80, tags: { 'kuma.io/service': 'w' }, health: { ready: true } }];
    const body = dataplane('warned', {}, 'default', { networking: { address: '127.0.0.1', inbound } });
    const answer = await api.request('PUT', '/meshes/default/dataplanes/warned', body);
    expect(answer.statusCode).toBe(201);
    expect(answer.json().warnings).toEqual([expect.stringContaining('health')]);
    await api.request('DELETE', '/meshes/default/dataplanes/warned');
  });

  it('warns of what a patch can never match', async () => {
    const match = { origin: 'inbond' };
    const spec = { default: { appendModifications: [{ cluster: { operation: 'Remove', match } }] } };
    const path = '/meshes/default/meshproxypatches/misspelt';
    const answer = await api.request('PUT', path, { type: 'MeshProxyPatch', mesh: 'default', name: 'misspelt', spec });
    expect(answer.json().warnings).toEqual([expect.stringContaining('did you mean inbound?')]);
    await api.request('DELETE', path);
  });

  it('that is a policy without effect in its mesh says so', async () => {
    const spec = (targetRef: object) => ({ targetRef, rules: [{ default: { connectionTimeout: '3s' } }] });
    const put = async (targetRef: object) =>
      (await api.request('PUT', `${url}/idle`, timeout('idle', { spec: spec(targetRef) }))).json();
    expect(await put({ kind: 'Dataplane', labels: { app: 'idle' } })).toEqual({
      warnings: [expect.stringMatching(/'spec.targetRef' selects no data plane proxy of mesh "default"/)],
    });
    const labelled = dataplane('idle', { 'kuma.io/service': 'idle' }, 'default', { labels: { app: 'idle' } });
    await api.request('PUT', '/meshes/default/dataplanes/idle', labelled);
    expect(await put({ kind: 'Dataplane', labels: { app: 'idle' } })).toEqual({});
    await api.request('DELETE', '/meshes/default/dataplanes/idle');
    await api.request('DELETE', `${url}/idle`);
  });

  it('that is a policy with a value which others beside it keep from being used says so', async () => {
    const to = [{ targetRef: { kind: 'Mesh' }, default: { http: { numRetries: 0, retryOn: ['5xx'] } } }];
    const path = '/meshes/default/meshretries/never';
    const answer = await api.request('PUT', path, { type: 'MeshRetry', mesh: 'default', name: 'never', spec: { to } });
    expect(answer.json()).toEqual({
      warnings: ["field 'spec.to[0].default.http.retryOn' has no effect as long as numRetries is 0"],
    });
    await api.request('DELETE', path);
  });

  it('that is a patch which finds nothing to change says so', async () => {
    await api.request('PUT', '/meshes/default/dataplanes/web', dataplane('web', { 'kuma.io/service': 'web' }));
    const put = async (name: string) => {
      const appendModifications = [{ cluster: { operation: 'Patch', match: { name }, value: 'connectTimeout: 1s' } }];
      const policy = { type: 'MeshProxyPatch', mesh: 'default', name: 'patch', spec: { default: { appendModifications } } };
      return (await api.request('PUT', '/meshes/default/meshproxypatches/patch', policy)).json();
    };
    expect(await put('localhost:1')).toEqual({
      warnings: [
        expect.stringMatching(/appendModifications\[0\].cluster.match' matches nothing at the proxy that was looked at/),
      ],
    });
    expect(await put('localhost:8080')).toEqual({});
    const others = Array.from({ length: 30 }, (_, i) => `web-${i}`);
    for (const name of others) {
      await api.request('PUT', `/meshes/default/dataplanes/${name}`, dataplane(name, { 'kuma.io/service': 'web' }));
    }
    expect(await put('localhost:1')).toEqual({ warnings: [expect.stringContaining('at the 31 proxies that were looked at')] });
    await api.request('DELETE', '/meshes/default/meshproxypatches/patch');
    for (const name of ['web', ...others]) await api.request('DELETE', `/meshes/default/dataplanes/${name}`);
  });

  it('that is a policy of which others overrule every value says so', async () => {
    await api.request('PUT', '/meshes/default/dataplanes/web', dataplane('web', { 'kuma.io/service': 'web' }));
    const put = async (name: string, conf: object) => {
      const spec = { to: [{ targetRef: { kind: 'Mesh' }, default: conf }] };
      return (await api.request('PUT', `${url}/${name}`, timeout(name, { spec }))).json();
    };
    expect(await put('z-last', { connectionTimeout: '3s' })).toEqual({
      warnings: [expect.stringMatching(/^the policy has no effect now: .* overruled by MeshTimeout "mesh-timeout-all-default"$/)],
    });
    expect(await put('a-first', { connectionTimeout: '3s' })).toEqual({});
    for (const name of ['z-last', 'a-first']) await api.request('DELETE', `${url}/${name}`);
    await api.request('DELETE', '/meshes/default/dataplanes/web');
  });

  it('that is a policy with a value which cannot hold beside those of another one says so', async () => {
    const tags = { 'kuma.io/service': 'retrying', 'kuma.io/protocol': 'http' };
    const networking = { address: '127.0.0.1', inbound: [{ port: 8080, tags }], outbound: [{ port: 8081, tags }] };
    await api.request('PUT', '/meshes/default/dataplanes/retrying', dataplane('retrying', {}, 'default', { networking }));
    const put = async (name: string, backOff: object) => {
      const to = [{ targetRef: { kind: 'MeshService', name: 'retrying' }, default: { http: { backOff } } }];
      const policy = { type: 'MeshRetry', mesh: 'default', name, spec: { to } };
      return (await api.request('PUT', `/meshes/default/meshretries/${name}`, policy)).json();
    };
    expect(await put('wide', { maxInterval: '250ms' })).toEqual({});
    expect(await put('slow', { baseInterval: '1s' })).toEqual({
      warnings: [expect.stringMatching(/'spec.to\[0\].default.http.backOff.baseInterval' contradicts .* of MeshRetry "wide"/)],
    });
    for (const name of ['wide', 'slow']) await api.request('DELETE', `/meshes/default/meshretries/${name}`);
    await api.request('DELETE', '/meshes/default/dataplanes/retrying');
  });

  it('is checked and not written in a dry run', async () => {
    const before = await api.store.snapshot();
    expect((await api.request('PUT', `${url}/dry?dryRun=true`, timeout('dry'))).statusCode).toBe(201);
    expect((await api.request('PUT', '/meshes/dry?dryRun=true', { type: 'Mesh', name: 'dry' })).statusCode).toBe(201);
    expect((await api.request('PUT', `${url}/dry?dryRun=true`, timeout('other'))).statusCode).toBe(400);
    expect((await api.request('DELETE', '/meshes/default?dryRun=true')).statusCode).toBe(200);
    expect((await api.request('PUT', `${url}/dry?dryRun=maybe`, timeout('dry'))).statusCode).toBe(400);
    const inNew = { ...timeout('dry'), mesh: 'new' };
    const putNew = (query: string, body: object) => api.request('PUT', `/meshes/new/meshtimeouts/dry?${query}`, body);
    expect((await putNew('dryRun=true&newMesh=true', inNew)).statusCode).toBe(201);
    const elsewhere = await putNew('dryRun=true&newMesh=true', { ...inNew, labels: { 'kuma.io/zone': 'elsewhere' } });
    expect(elsewhere.json().invalid_parameters).toEqual([expect.objectContaining({ field: 'labels["kuma.io/zone"]' })]);
    expect((await putNew('dryRun=true', inNew)).statusCode).toBe(404);
    expect((await putNew('newMesh=true', inNew)).statusCode).toBe(404);
    expect((await api.store.snapshot()).revision).toBe(before.revision);
  });

  it('is not written over a version that the writer has not seen, if it says which it has seen', async () => {
    await api.request('PUT', `${url}/match`, timeout('match'));
    const { etag } = (await api.request('GET', `${url}/match`)).headers;
    await api.request('PUT', `${url}/match`, timeout('match', { labels: { by: 'other' } }));
    const stale = await api.request('PUT', `${url}/match`, timeout('match'), { 'if-match': String(etag) });
    expect([stale.statusCode, stale.json().title]).toEqual([409, 'Conflict']);
    expect((await api.request('DELETE', `${url}/match`, undefined, { 'if-match': String(etag) })).statusCode).toBe(409);
    expect((await api.request('DELETE', `${url}/match`)).statusCode).toBe(200);
  });

  it('is shown as a Kubernetes object on request', async () => {
    const shown = (await api.request('GET', '/meshes/default?format=kubernetes')).json();
    expect(shown).toMatchObject({ apiVersion: 'kuma.io/v1alpha1', kind: 'Mesh', metadata: { name: 'default' } });
    expect((await api.request('GET', '/meshes/default?format=xml')).statusCode).toBe(400);
  });

  it('of global scope has its path at the root, and both spellings of global secrets are one kind', async () => {
    const secret = { type: 'GlobalSecret', name: 'both', data: Buffer.from('x').toString('base64') };
    expect((await api.request('PUT', '/globalsecrets/both', secret)).statusCode).toBe(201);
    expect((await api.request('GET', '/global-secrets/both')).json()).toMatchObject(secret);
    expect((await api.request('DELETE', '/global-secrets/both')).statusCode).toBe(200);
  });

  it('that is a dataplane carries the zone on each inbound and its proxy type', async () => {
    await api.request('PUT', '/meshes/default/dataplanes/zoned', dataplane('zoned', { 'kuma.io/service': 'z' }));
    const read = (await api.request('GET', '/meshes/default/dataplanes/zoned')).json();
    expect(read.networking.inbound[0].tags).toEqual({ 'kuma.io/service': 'z', 'kuma.io/zone': 'default' });
    expect(read.labels).toMatchObject({ 'kuma.io/proxy-type': 'sidecar' });
    await api.request('DELETE', '/meshes/default/dataplanes/zoned');
  });

  it('keeps its origin and stays out of other zones', async () => {
    const labels = { 'kuma.io/origin': 'global', 'kuma.io/zone': 'elsewhere' };
    const answer = await api.request('PUT', `${url}/foreign`, timeout('foreign', { labels }));
    expect(answer.statusCode).toBe(400);
    expect(
      answer
        .json()
        .invalid_parameters.map(({ field }: { field: string }) => field)
        .sort(),
    ).toEqual(['labels["kuma.io/origin"]', 'labels["kuma.io/zone"]']);
  });

  it('is told what is wrong by itself and by what the store says, at once', async () => {
    const refused = async (path: string, body: object) => {
      const answer = (await api.request('PUT', path, body)).json();
      return (answer.invalid_parameters ?? answer.problems).map(({ field }: { field: string }) => field);
    };
    const labels = { 'kuma.io/zone': 'elsewhere', team: 1 };
    const to = [{ targetRef: { kind: 'Mesh' }, default: { http: { requestTimeot: '1s' } } }];
    const all = ['labels["team"]', 'spec.to[0].default.http.requestTimeot', 'labels["kuma.io/zone"]'];
    expect(await refused(`${url}/all`, timeout('all', { labels, spec: { to } }))).toEqual(all);
    expect(await refused(`${url}/other`, timeout('all', { labels, spec: { to } }))).toEqual(['name', ...all]);
    const cluster = { operation: 'Add', value: 'name: x\nnonsense: 1' };
    const spec = { default: { appendModifications: [{ cluster }] } };
    const patch = { type: 'MeshProxyPatch', name: 'all', labels: { 'kuma.io/zone': 'elsewhere' }, spec };
    expect(await refused('/meshes/default/meshproxypatches/all', patch)).toEqual([
      'spec.default.appendModifications[0].cluster.value',
      'labels["kuma.io/zone"]',
    ]);
    const conf = { cert: { secret: 'none' }, key: { secret: 'none' } };
    const backends = [
      { name: 'ca', type: 'provided', conf },
      { name: 'no-key', type: 'provided', conf: { cert: conf.cert } },
    ];
    expect(await refused('/meshes/all', { type: 'Mesh', name: 'all', mtls: { enabledBackend: 'x', backends } })).toEqual([
      'mtls.enabledBackend',
      'mtls.backends[1].conf.key',
      'mtls.backends[0].conf.cert',
      'mtls.backends[0].conf.key',
    ]);
  });

  it('is refused, whatever stands where', async () => {
    const tags = { 'kuma.io/service': 'a' };
    await api.request('PUT', '/meshes/strict', {
      type: 'Mesh',
      name: 'strict',
      constraints: { dataplaneProxy: { requirements: [{ tags: { team: 'a' } }] } },
    });
    for (const junk of [1, 'x', true, [1], [[]], { a: 1 }, [{ tags: 1 }], [{ conf: 1, type: 'provided' }]]) {
      const networking = [junk, { address: junk }, { inbound: junk }, { gateway: junk }, { gateway: { tags: junk } }];
      const dataplanes = [
        ...networking,
        {
          inbound: [
            { tags: junk, port: 1 },
            { tags, port: 2 },
          ],
        },
      ].map((value) => ['/meshes/strict/dataplanes/junk', { type: 'Dataplane', name: 'junk', networking: value }]);
      const backends = [junk, [junk], [{ name: 'a', type: 'provided', conf: junk }], [{ name: 'a', type: junk, conf: junk }]];
      const meshes = [junk, ...backends.map((value) => ({ backends: value, enabledBackend: junk }))].map((mtls) => [
        '/meshes/junk',
        { type: 'Mesh', name: 'junk', mtls },
      ]);
      for (const [path, body] of [...dataplanes, ...meshes])
        expect([body, (await api.request('PUT', path as string, body)).statusCode]).toEqual([body, 400]);
    }
  });

  it('is written by the last of many writers at once, none of them refused', async () => {
    const writes = Array.from({ length: 20 }, (_, i) =>
      api.request('PUT', `${url}/race`, timeout('race', { labels: { by: `w${i}` } })),
    );
    const statuses = (await Promise.all(writes)).map(({ statusCode }) => statusCode);
    expect(statuses.sort()).toEqual([...Array(19).fill(200), 201]);
    await api.request('DELETE', `${url}/race`);
  });
});

describe('what is refused', () => {
  interface Refusal {
    readonly title: string;
    readonly request: readonly [method: string, url: string, body?: unknown, headers?: Record<string, string>];
    readonly status: number;
    readonly errorTitle?: string;
    readonly fields?: readonly string[];
  }
  const refusals: readonly Refusal[] = [
    { title: 'an unknown path', request: ['GET', '/nothing/here'], status: 404 },
    { title: 'an unknown method', request: ['POST', url, timeout('x')], status: 405 },
    { title: 'an unknown method on one resource', request: ['PATCH', `${url}/x`, timeout('x')], status: 405 },
    { title: 'an Accept without JSON', request: ['GET', '/meshes', undefined, { accept: 'text/html' }], status: 406 },
    { title: 'another content type', request: ['PUT', `${url}/x`, 'a: b', { 'content-type': 'application/yaml' }], status: 415 },
    { title: 'a path with a broken escape', request: ['GET', '/meshes/%zz'], status: 400, errorTitle: 'Bad Request' },
    { title: 'no JSON', request: ['PUT', `${url}/x`, '{"type":'], status: 400, errorTitle: 'Bad Request' },
    {
      title: 'a wrong type of field',
      request: ['PUT', `${url}/x`, timeout('x', { spec: { to: 'all' } })],
      status: 400,
      errorTitle: 'Bad Request',
    },
    {
      title: 'bad base64',
      request: ['PUT', '/global-secrets/x', { type: 'GlobalSecret', name: 'x', data: '*' }],
      status: 400,
      errorTitle: 'Bad Request',
    },
    {
      title: 'another name',
      request: ['PUT', `${url}/x`, timeout('y')],
      status: 400,
      errorTitle: 'Could not process a resource',
      fields: ['name'],
    },
    {
      title: 'a bad name',
      request: ['PUT', `${url}/X_y`, timeout('X_y')],
      status: 400,
      errorTitle: 'Could not process a resource',
      fields: ['name'],
    },
    {
      title: 'another type',
      request: ['PUT', `${url}/x`, { ...timeout('x'), type: 'MeshRetry' }],
      status: 400,
      errorTitle: 'Could not process a resource',
      fields: [''],
    },
    {
      title: 'no type',
      request: ['PUT', `${url}/x`, { ...timeout('x'), type: undefined }],
      status: 400,
      errorTitle: 'Could not process a resource',
      fields: [''],
    },
    {
      title: 'an unknown field',
      request: ['PUT', `${url}/x`, timeout('x', { spec: { targetRef: { kind: 'Mesh' }, too: [] } })],
      status: 400,
      errorTitle: 'Could not process a resource',
      fields: ['spec.too'],
    },
    {
      title: 'a resource that is not there',
      request: ['GET', `${url}/absent`],
      status: 404,
      errorTitle: 'Could not retrieve a resource',
    },
    {
      title: 'deleting what is not there',
      request: ['DELETE', `${url}/absent`],
      status: 404,
      errorTitle: 'Could not delete a resource',
    },
    {
      title: 'a read in no mesh',
      request: ['GET', '/meshes/no/meshtimeouts/x'],
      status: 404,
      errorTitle: 'Failed to retrieve Mesh',
    },
    {
      title: 'a list in no mesh',
      request: ['GET', '/meshes/no/meshtimeouts'],
      status: 404,
      errorTitle: 'Failed to retrieve Mesh',
    },
    {
      title: 'a write in no mesh',
      request: ['PUT', '/meshes/no/meshtimeouts/x', { ...timeout('x'), mesh: 'no' }],
      status: 404,
      errorTitle: 'Failed to retrieve Mesh',
    },
    {
      title: 'deleting in no mesh',
      request: ['DELETE', '/meshes/no/meshtimeouts/x'],
      status: 404,
      errorTitle: 'Failed to retrieve Mesh',
    },
    {
      title: 'a size out of range',
      request: ['GET', '/meshes?size=1001'],
      status: 400,
      errorTitle: 'Could not retrieve resources',
      fields: ['size'],
    },
    {
      title: 'a size of none',
      request: ['GET', '/meshes?size=0'],
      status: 400,
      errorTitle: 'Could not retrieve resources',
      fields: ['size'],
    },
    {
      title: 'a negative offset',
      request: ['GET', '/meshes?offset=-1'],
      status: 400,
      errorTitle: 'Could not retrieve resources',
      fields: ['offset'],
    },
    {
      title: 'an unknown filter',
      request: ['GET', '/meshes?filter[spec.x]=1'],
      status: 400,
      errorTitle: 'Could not retrieve resources',
      fields: ['filter[spec.x]'],
    },
    {
      title: 'an unknown kind of gateway',
      request: ['GET', '/dataplanes?gateway=maybe'],
      status: 400,
      errorTitle: 'Could not retrieve resources',
      fields: ['gateway'],
    },
    {
      title: 'a write to what only the control plane writes',
      request: ['PUT', '/mesh-insights/default', { type: 'MeshInsight', name: 'default' }],
      status: 405,
      errorTitle: 'Method not allowed',
    },
    {
      title: 'deleting what only the control plane writes',
      request: ['DELETE', '/mesh-insights/default'],
      status: 405,
      errorTitle: 'Method not allowed',
    },
    { title: 'a resource over the size limit', request: ['PUT', `${url}/x`, `"${'x'.repeat(11e6)}"`], status: 413 },
  ];

  it.each(refusals)('$title: $status $errorTitle', async ({ request, status, errorTitle, fields }) => {
    const answer = await api.request(...request);
    expect(answer.statusCode).toBe(status);
    if ([404, 405, 406, 415].includes(status) && !errorTitle) {
      expect(answer.headers['content-type']).toMatch(/^text\/plain/);
      return;
    }
    expect(answer.headers['content-type']).toBe('application/json');
    const body = answer.json();
    expect(body).toMatchObject({ type: '/std-errors', status, ...(errorTitle && { title: errorTitle }), details: body.detail });
    expect(body.invalid_parameters?.map(({ field }: { field: string }) => field)).toEqual(fields);
    expect(body.causes?.map(({ field }: { field: string }) => field)).toEqual(fields);
  });

  it('every problem of a resource is told at once', async () => {
    const spec = { targetRef: { kind: 'Meshh' }, to: [{ targetRef: { kind: 'Mesh' }, defaults: {} }] };
    const body = (await api.request('PUT', `${url}/x`, timeout('y', { spec, labels: { 'kuma.io/x!': 'a' } }))).json();
    expect(body.invalid_parameters.map(({ field }: { field: string }) => field)).toEqual(
      expect.arrayContaining(['name', 'spec.targetRef.kind', 'spec.to[0].defaults', 'labels["kuma.io/x!"]']),
    );
  });

  it('a content type that is absent is refused over a socket too', async () => {
    const base = await api.listen();
    const answer = await fetch(`${base}${url}/x`, { method: 'PUT', body: new Uint8Array([123, 125]) });
    expect(answer.status).toBe(415);
    const missing = await fetch(`${base}/nothing`);
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/plain; charset=utf-8']);
  });
});
