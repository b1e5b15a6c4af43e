import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { type LineReceiver, startLineReceiver } from '../../tools/fixtures/line-receiver.ts';
import { Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../tools/fixtures/otlp/receiver.ts';
import { ask, type HttpService, startHttpService, startTcpService, TcpClient } from '../../tools/fixtures/services.ts';

const folder = mkdtempSync(join(tmpdir(), 'access-logs-'));
let mesh: Mesh;
let backend: HttpService;
let tcpBackend: Awaited<ReturnType<typeof startTcpService>>;
let web: Awaited<ReturnType<Mesh['join']>>;
let other: Awaited<ReturnType<Mesh['join']>>;
let worker: Awaited<ReturnType<Mesh['join']>>;
let own: Awaited<ReturnType<Mesh['join']>>;
let receiver: LineReceiver;
let collector: OtlpReceiver;

beforeAll(async () => {
  receiver = await startLineReceiver();
  collector = await startOtlpReceiver();
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(meshWithMtls());
  await mesh.controlPlane.apply(permission('everybody', { allow: 'spiffe://default/' }));
  backend = await startHttpService('backend');
  tcpBackend = await startTcpService('database');
  own = await mesh.join({
    name: 'backend',
    inbound: [
      { service: 'backend', servicePort: backend.port },
      { service: 'database', servicePort: tcpBackend.port, protocol: 'tcp' },
    ],
  });
  web = await mesh.join({ name: 'web', calls: ['backend', 'database'] });
  other = await mesh.join({ name: 'other', calls: ['backend', 'database'] });
  worker = await mesh.join({
    name: 'worker',
    inbound: ['zoo', 'worker'].map((service) => ({ service, servicePort: 1 })),
    calls: ['backend', 'database'],
  });
  for (const { outbound } of [web, other, worker]) await expectStatus(outbound('backend'), 200);
});

afterAll(async () => {
  await mesh?.stop();
  await Promise.all([backend?.close(), tcpBackend?.close(), receiver?.close()]);
  collector?.close();
  rmSync(folder, { recursive: true });
});

function permission(name: string, lists: Record<string, string>): string {
  const matches = Object.entries(lists).map(([list, value]) => [list, [{ spiffeID: { type: 'Prefix', value } }]]);
  const spec = { targetRef: { kind: 'Mesh' }, rules: [{ default: Object.fromEntries(matches) }] };
  return JSON.stringify({ type: 'MeshTrafficPermission', mesh: 'default', name, spec });
}

function accessLog(spec: object): Promise<string> {
  return mesh.controlPlane.apply(JSON.stringify({ type: 'MeshAccessLog', mesh: 'default', name: 'logs', spec }));
}

const ofBackend = { targetRef: { kind: 'Dataplane', name: 'backend' } };
const ofWeb = { targetRef: { kind: 'Dataplane', name: 'web' } };

async function expectStatus(port: number, status: number): Promise<void> {
  await eventually(`status ${status}`, async () => expect((await ask(port)).status).toBe(status));
}

/** Repeats the traffic until the log has what it should: connections that are open keep the log that they began with. */
async function logged<T>(traffic: () => Promise<unknown>, find: () => T | undefined): Promise<T> {
  const { value } = await eventually(
    'the record',
    async () => {
      await traffic();
      const record = find();
      if (record === undefined) throw new Error('nothing there');
      return record;
    },
    30_000,
    100,
  );
  return value;
}

/** One connection, from its beginning to its end. */
async function connect(port: number): Promise<void> {
  const client = new TcpClient(port);
  await client.say('hello').catch(() => {});
  client.close();
}

function fileAt(path: string) {
  const read = () => {
    try {
      return readFileSync(path, 'utf8').trimEnd().split('\n');
    } catch {
      return [];
    }
  };
  return {
    find: (pattern: RegExp) => read().find((line) => pattern.test(line)),
    json: () => read().map((line) => JSON.parse(line)),
  };
}

test('the usual line of a request names both services, the mesh and the permission that decided', async () => {
  const path = join(folder, 'requests.log');
  await accessLog({ ...ofBackend, rules: [{ default: { backends: [{ type: 'File', file: { path } }] } }] });
  const line = await logged(
    () => ask(web.outbound('backend'), { path: '/some/path', headers: { 'user-agent': 'tests' } }),
    () => fileAt(path).find(/\/some\/path/),
  );
  expect(line).toMatch(
    /^\[[-0-9T:.Z]+\] default "GET \/some\/path HTTP\/2" 200 - 0 7 \d+ \d+ "-" "tests" "-" "[-0-9a-f]{36}" "127.0.0.1:\d+" "web" "backend" "127.0.0.1" "127.0.0.1:\d+" "kri_mtp_default_default__everybody_"$/,
  );
});

test('the usual line of a connection does so too', async () => {
  const path = join(folder, 'connections.log');
  await accessLog({ ...ofBackend, rules: [{ default: { backends: [{ type: 'File', file: { path } }] } }] });
  const line = await logged(
    () => connect(web.outbound('database')),
    () => fileAt(path).find(/database/),
  );
  expect(line).toMatch(
    /^\[[-0-9T:.Z]+\] - default 127.0.0.1\(web\)->127.0.0.1:\d+\(database\) took \d+ms, sent 14 bytes, received: 5 bytes, permission: kri_mtp_default_default__everybody_$/,
  );
});

test('a line of who is refused names the permission that refused, or none', async () => {
  const path = join(folder, 'refused.log');
  const json = [
    { key: 'from', value: '%KUMA_SOURCE_SERVICE%' },
    { key: 'to', value: '%KUMA_DESTINATION_SERVICE%' },
    { key: 'permission', value: '%KUMA_PERMISSION%' },
    { key: 'code', value: '%RESPONSE_CODE%' },
  ];
  const format = { type: 'Json', json };
  await accessLog({ ...ofBackend, rules: [{ default: { backends: [{ type: 'File', file: { path, format } }] } }] });
  await mesh.controlPlane.apply(permission('not-other', { deny: 'spiffe://default/other' }));
  await expectStatus(other.outbound('backend'), 403);
  const requests = () =>
    Promise.all([ask(web.outbound('backend')), ask(other.outbound('backend')), connect(other.outbound('database'))]);
  const lineOf = (from: string, to: string, name: string) => () =>
    fileAt(path)
      .json()
      .find((line) => line.from === from && line.to === to && line.permission === name);

  const refused = await logged(requests, lineOf('other', 'backend', 'kri_mtp_default_default__not-other_'));
  expect(refused.code).toBe(403);
  const allowed = await logged(requests, lineOf('web', 'backend', 'kri_mtp_default_default__everybody_'));
  expect(allowed.code).toBe(200);
  await logged(requests, lineOf('other', 'database', 'kri_mtp_default_default__not-other_'));

  await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'not-other']);
  await mesh.controlPlane.apply(permission('everybody', { allow: 'spiffe://default/web' }));
  await expectStatus(other.outbound('backend'), 403);
  const unheard = () =>
    fileAt(path)
      .json()
      .find(({ from, code, permission: name }) => from === 'other' && code === 403 && name === null);
  await logged(requests, unheard);

  await mesh.controlPlane.apply(permission('everybody', { allowWithShadowDeny: 'spiffe://default/' }));
  await expectStatus(other.outbound('backend'), 200);
  await logged(requests, lineOf('other', 'database', 'kri_mtp_default_default__everybody_'));
  await mesh.controlPlane.apply(permission('everybody', { allow: 'spiffe://default/' }));
});

test('connections are logged where nobody is permitted at all', async () => {
  const path = join(folder, 'nobody.log');
  await accessLog({ ...ofBackend, rules: [{ default: { backends: [{ type: 'File', file: { path } }] } }] });
  await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'everybody']);
  // In the end it is closed before it has shown its certificate; before that, at its first byte.
  await logged(
    () => connect(web.outbound('database')),
    () => fileAt(path).find(/127\.0\.0\.1\(unknown\)->-\(database\).*permission: -$/),
  );
  const from = [{ targetRef: { kind: 'Mesh' }, default: { action: 'Deny' } }];
  await mesh.controlPlane.apply(
    JSON.stringify({ type: 'MeshTrafficPermission', mesh: 'default', name: 'nobody', spec: { from } }),
  );
  await logged(
    () => connect(web.outbound('database')),
    () => fileAt(path).find(/\(unknown\)->-\(database\).*permission: kri_mtp_default_default__nobody_$/),
  );
  await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'nobody']);
  const permissive = join(folder, 'nobody-permissive.log');
  await mesh.controlPlane.apply(meshWithMtls('default', { mode: 'PERMISSIVE' }));
  await expectStatus(own.inboundPorts[0]!, 200);
  await accessLog({ ...ofBackend, rules: [{ default: { backends: [{ type: 'File', file: { path: permissive } }] } }] });
  await logged(
    () => connect(web.outbound('database')),
    () => fileAt(permissive).find(/127\.0\.0\.1\(unknown\)->-\(database\).*permission: -$/),
  );
  await mesh.controlPlane.apply(meshWithMtls());
  await mesh.controlPlane.apply(permission('everybody', { allow: 'spiffe://default/' }));
  await expectStatus(web.outbound('backend'), 200);
});

test('each client is logged as the most exact match says that is for it', async () => {
  const paths = {
    all: join(folder, 'everyone.log'),
    web: join(folder, 'web.log'),
    workers: join(folder, 'workers.log'),
    zoo: join(folder, 'zoo.log'),
  };
  const plain = '%KUMA_SOURCE_SERVICE% %KUMA_DESTINATION_SERVICE%';
  const to = (path: string) => ({ backends: [{ type: 'File', file: { path, format: { type: 'Plain', plain } } }] });
  const spiffeID = (type: string, value: string) => ({ spiffeID: { type, value } });
  await accessLog({
    ...ofBackend,
    rules: [
      { default: to(paths.all) },
      {
        matches: [spiffeID('Exact', 'spiffe://default/job'), spiffeID('Prefix', 'spiffe://default/w')],
        default: to(paths.workers),
      },
      { matches: [spiffeID('Exact', 'spiffe://default/web')], default: to(paths.web) },
      // The second of a client's services, whose name is not its KUMA_SOURCE_SERVICE either.
      { matches: [spiffeID('Exact', 'spiffe://default/zoo')], default: to(paths.zoo) },
    ],
  });
  const everybody = [web, other, worker];
  const traffic = () =>
    Promise.all(everybody.flatMap(({ outbound }) => [ask(outbound('backend')), connect(outbound('database'))]));
  const services = ['backend', 'database'];
  const expected = [
    [paths.web, 'web'],
    [paths.all, 'other'],
    [paths.workers, 'worker'],
  ] as const;
  const isThere = ([path, client]: (typeof expected)[number]) =>
    services.every((service) => fileAt(path).find(new RegExp(`^${client} ${service}$`)));
  await logged(traffic, () => expected.every(isThere) || undefined);
  for (const [path, client] of expected) expect(fileAt(path).find(new RegExp(`^(?!${client} )`))).toBeUndefined();
  expect(fileAt(paths.zoo).find(/worker/)).toBeUndefined();
});

test('whoever shows no certificate is logged as everyone whom no match is for', async () => {
  const paths = { all: join(folder, 'unknown.log'), named: join(folder, 'named.log') };
  const to = (path: string) => ({ backends: [{ type: 'File', file: { path } }] });
  const matches = [{ spiffeID: { type: 'Prefix', value: 'spiffe://' } }];
  await accessLog({ ...ofBackend, rules: [{ default: to(paths.all) }, { matches, default: to(paths.named) }] });
  await mesh.controlPlane.apply(meshWithMtls('default', { mode: 'PERMISSIVE' }));
  const direct = () => Promise.all([ask(own.inboundPorts[0]!), connect(own.inboundPorts[1]!)]);
  await logged(direct, () => fileAt(paths.all).find(/"unknown" "backend"/) && fileAt(paths.all).find(/unknown.*database/));
  expect(fileAt(paths.named).find(/unknown/)).toBeUndefined();
  await mesh.controlPlane.apply(meshWithMtls());
});

test('the side of the client knows its own service, address, zone and direction', async () => {
  const path = join(folder, 'outgoing.log');
  const plain =
    '%KUMA_TRAFFIC_DIRECTION% %KUMA_ZONE% %KUMA_MESH% %KUMA_SOURCE_SERVICE% %KUMA_SOURCE_ADDRESS% %KUMA_SOURCE_ADDRESS_WITHOUT_PORT% %KUMA_DESTINATION_SERVICE% 100%% %REQ(NOTHING?:METHOD):2%';
  const file = { path, format: { type: 'Plain', plain } };
  const to = [{ targetRef: { kind: 'MeshService', name: 'backend' }, default: { backends: [{ type: 'File', file }] } }];
  await accessLog({ ...ofWeb, to });
  const line = await logged(
    () => ask(web.outbound('backend')),
    () => fileAt(path).find(/OUTBOUND/),
  );
  expect(line).toBe('OUTBOUND default default web 127.0.0.1:0 127.0.0.1 backend 100% GE');
});

test('empty values are left out of JSON where that is asked for', async () => {
  const path = join(folder, 'omitted.log');
  const json = [
    { key: 'there', value: '%REQ(:METHOD)%' },
    { key: 'absent', value: '%REQ(X-ABSENT)%' },
  ];
  const file = { path, format: { type: 'Json', json, omitEmptyValues: true } };
  await accessLog({ ...ofWeb, to: [{ targetRef: { kind: 'Mesh' }, default: { backends: [{ type: 'File', file }] } }] });
  const line = await logged(
    () => ask(web.outbound('backend')),
    () => fileAt(path).json()[0],
  );
  expect(line).toEqual({ there: 'GET' });
});

test('empty values are nothing in text where that is asked for', async () => {
  const path = join(folder, 'nothing.log');
  const file = { path, format: { type: 'Plain', plain: 'omitted [%REQ(X-ABSENT)%] %REQ(:METHOD)%', omitEmptyValues: true } };
  await accessLog({ ...ofWeb, to: [{ targetRef: { kind: 'Mesh' }, default: { backends: [{ type: 'File', file }] } }] });
  const line = await logged(
    () => ask(web.outbound('backend')),
    () => fileAt(path).find(/omitted/),
  );
  expect(line).toBe('omitted [] GET');
});

test('both sides of a connection know what the mesh adds, and have nothing of requests', async () => {
  const added = [
    'MESH',
    'ZONE',
    'TRAFFIC_DIRECTION',
    'SOURCE_SERVICE',
    'DESTINATION_SERVICE',
    'SOURCE_ADDRESS_WITHOUT_PORT',
    'PERMISSION',
  ];
  const json = [
    ...added.map((key) => ({ key, value: `%KUMA_${key}%` })),
    { key: 'method', value: '%REQ(:METHOD)%' },
    { key: 'received', value: '%BYTES_RECEIVED%' },
  ];
  const path = join(folder, 'connection.log');
  const backends = [{ type: 'File', file: { path, format: { type: 'Json', json } } }];
  await accessLog({ targetRef: { kind: 'Mesh' }, to: [{ targetRef: { kind: 'Mesh' }, default: { backends } }] });
  const lineOf = (direction: string) =>
    logged(
      () => connect(web.outbound('database')),
      () =>
        fileAt(path)
          .json()
          // One that ended before it said anything, as a listener was replaced, was never judged.
          .find(({ TRAFFIC_DIRECTION, DESTINATION_SERVICE, received }) => {
            return TRAFFIC_DIRECTION === direction && DESTINATION_SERVICE === 'database' && received > 0;
          }),
    );
  const common = {
    MESH: 'default',
    ZONE: 'default',
    SOURCE_SERVICE: 'web',
    DESTINATION_SERVICE: 'database',
    SOURCE_ADDRESS_WITHOUT_PORT: '127.0.0.1',
    method: null,
    received: 5,
  };
  expect(await lineOf('OUTBOUND')).toEqual({ ...common, TRAFFIC_DIRECTION: 'OUTBOUND', PERMISSION: '-' });
  await accessLog({ targetRef: { kind: 'Mesh' }, rules: [{ default: { backends } }] });
  expect(await lineOf('INBOUND')).toEqual({
    ...common,
    TRAFFIC_DIRECTION: 'INBOUND',
    PERMISSION: 'kri_mtp_default_default__everybody_',
  });
});

test('a log whose folder was not there is written once it is', async () => {
  const late = join(folder, 'late');
  const path = join(late, 'requests.log');
  await accessLog({ ...ofBackend, rules: [{ default: { backends: [{ type: 'File', file: { path } }] } }] });
  await eventually('a refusal', async () => {
    const policy = await mesh.controlPlane.kumactl(['get', 'meshaccesslog', 'logs', '-o', 'yaml']);
    expect(policy).toContain('No such file or directory');
  });
  mkdirSync(late);
  await logged(
    () => ask(web.outbound('backend')),
    () => fileAt(path).find(/GET/),
  );
});

test('a log whose folder is not there is told so where a patch changes the listener', async () => {
  const value = {
    name: 'script',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
      defaultSourceCode: { inlineString: 'function envoy_on_response(handle) handle:headers():add("x-script", "on") end' },
    },
  };
  const httpFilter = { operation: 'AddFirst', match: { origin: 'outbound' }, value: JSON.stringify(value) };
  const spec = { ...ofWeb, default: { appendModifications: [{ httpFilter }] } };
  await mesh.controlPlane.apply(JSON.stringify({ type: 'MeshProxyPatch', mesh: 'default', name: 'script', spec }));
  const answer = () => ask(web.outbound('backend'));
  await eventually('the patch', async () => expect((await answer()).headers['x-script']).toBe('on'));
  const path = join(folder, 'never', 'requests.log');
  const backends = [{ type: 'File', file: { path } }];
  await accessLog({ ...ofWeb, to: [{ targetRef: { kind: 'MeshService', name: 'backend' }, default: { backends } }] });
  await eventually('a refusal', async () => {
    const policy = await mesh.controlPlane.kumactl(['get', 'meshaccesslog', 'logs', '-o', 'yaml']);
    expect(policy).toContain('No such file or directory');
    expect(await mesh.controlPlane.kumactl(['inspect', 'dataplanes'])).toContain('kri_mal_default_default__logs_');
  });
  expect((await answer()).headers['x-script']).toBe('on');
  await mesh.controlPlane.kumactl(['delete', 'meshproxypatch', 'script']);
});

test('a route can have a log of its own', async () => {
  const paths = { all: join(folder, 'others.log'), api: join(folder, 'api.log') };
  const backends = (path: string) => ({
    backends: [{ type: 'File', file: { path, format: { type: 'Plain', plain: '%REQ(:PATH)%' } } }],
  });
  const rules = [{ matches: [{ path: { type: 'PathPrefix', value: '/api' } }], default: {} }];
  const route = { ...ofWeb, to: [{ targetRef: { kind: 'MeshService', name: 'backend' }, rules }] };
  await mesh.controlPlane.apply(JSON.stringify({ type: 'MeshHTTPRoute', mesh: 'default', name: 'api', spec: route }));
  await accessLog({
    ...ofWeb,
    to: [
      { targetRef: { kind: 'Mesh' }, default: backends(paths.all) },
      { targetRef: { kind: 'MeshHTTPRoute', name: 'api' }, default: backends(paths.api) },
    ],
  });
  const requests = () =>
    Promise.all([ask(web.outbound('backend'), { path: '/api/1' }), ask(web.outbound('backend'), { path: '/other' })]);
  await logged(requests, () => fileAt(paths.api).find(/^\/api\/1$/) && fileAt(paths.all).find(/^\/other$/));
  expect(fileAt(paths.api).find(/other/)).toBeUndefined();
  expect(fileAt(paths.all).find(/api/)).toBeUndefined();
});

test('the requests on a route to a part of a service can have a log of their own', async () => {
  const paths = { all: join(folder, 'whole.log'), part: join(folder, 'part.log') };
  const backends = (path: string) => ({
    backends: [{ type: 'File', file: { path, format: { type: 'Plain', plain: '%REQ(:PATH)%' } } }],
  });
  const part = { kind: 'MeshServiceSubset', name: 'backend', tags: { 'kuma.io/zone': 'default' } };
  const rules = [{ matches: [{ path: { type: 'PathPrefix', value: '/api' } }], default: { backendRefs: [part] } }];
  const route = { ...ofWeb, to: [{ targetRef: { kind: 'MeshService', name: 'backend' }, rules }] };
  await mesh.controlPlane.apply(JSON.stringify({ type: 'MeshHTTPRoute', mesh: 'default', name: 'api', spec: route }));
  await accessLog({
    ...ofWeb,
    to: [
      { targetRef: { kind: 'MeshService', name: 'backend' }, default: backends(paths.all) },
      { targetRef: part, default: backends(paths.part) },
    ],
  });
  const requests = () =>
    Promise.all([ask(web.outbound('backend'), { path: '/api/1' }), ask(web.outbound('backend'), { path: '/other' })]);
  await logged(requests, () => fileAt(paths.part).find(/^\/api\/1$/) && fileAt(paths.all).find(/^\/other$/));
  expect(fileAt(paths.part).find(/other/)).toBeUndefined();
  expect(fileAt(paths.all).find(/api/)).toBeUndefined();
});

test('a log of one route whose folder is not there is told so', async () => {
  const backends = [{ type: 'File', file: { path: join(folder, 'no', 'requests.log') } }];
  await accessLog({ ...ofWeb, to: [{ targetRef: { kind: 'MeshHTTPRoute', name: 'api' }, default: { backends } }] });
  await eventually('a refusal', async () => {
    const policy = await mesh.controlPlane.kumactl(['get', 'meshaccesslog', 'logs', '-o', 'yaml']);
    expect(policy).toContain('No such file or directory');
    expect(await mesh.controlPlane.kumactl(['inspect', 'dataplanes'])).toContain('kri_mal_default_default__logs_');
  });
});

test('a TCP server gets lines of text and objects', async () => {
  const tcp = (format: object) => ({ type: 'Tcp', tcp: { address: `127.0.0.1:${receiver.port}`, format } });
  const backends = [
    tcp({ type: 'Plain', plain: 'text of "%KUMA_SOURCE_SERVICE%" %REQ(:PATH)%' }),
    tcp({ type: 'Json', json: [{ key: 'code', value: '%RESPONSE_CODE%' }] }),
  ];
  await accessLog({ ...ofBackend, rules: [{ default: { backends } }] });
  await logged(
    () => ask(web.outbound('backend'), { path: '/to-tcp' }),
    () =>
      receiver.lines.find((line) => line === 'text of "web" /to-tcp') && receiver.lines.find((line) => line === '{"code":200}'),
  );
  await logged(
    () => connect(web.outbound('database')),
    () => receiver.lines.find((line) => line === 'text of "web" -') && receiver.lines.find((line) => line === '{"code":0}'),
  );
});

test('a collector gets OpenTelemetry records, with attributes and a body of any form', async () => {
  const openTelemetry = {
    endpoint: `127.0.0.1:${collector.port}`,
    attributes: [{ key: 'from', value: '%KUMA_SOURCE_SERVICE%' }],
    body: {
      kvlistValue: {
        values: [
          { key: 'mesh', value: { stringValue: '%KUMA_MESH% %REQ(:PATH)%' } },
          { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, { intValue: 5 }, { boolValue: true }] } } },
        ],
      },
    },
  };
  await accessLog({ ...ofBackend, rules: [{ default: { backends: [{ type: 'OpenTelemetry', openTelemetry }] } }] });
  const record = await logged(
    () => ask(web.outbound('backend'), { path: '/collected' }),
    () => collector.logs.find(({ attributes }) => attributes.from === 'web'),
  );
  expect(record.body).toEqual({ mesh: 'default /collected', list: ['a', '5', 'true'] });
  const whose = { 'kuma.mesh': 'default', 'kuma.zone': 'default' };
  expect(record.resource).toMatchObject({ log_name: 'MeshAccessLog', cluster_name: 'backend', ...whose });
  expect(record.resource).not.toHaveProperty('kuma.workload');
});

test('a collector gets the usual line as body where none is given', async () => {
  const openTelemetry = { endpoint: `127.0.0.1:${collector.port}` };
  await accessLog({
    ...ofWeb,
    to: [{ targetRef: { kind: 'Mesh' }, default: { backends: [{ type: 'OpenTelemetry', openTelemetry }] } }],
  });
  const { body } = await logged(
    () => ask(web.outbound('backend'), { path: '/usual' }),
    () => collector.logs.find((record) => String(record.body).includes('/usual')),
  );
  expect(body).toMatch(/"web" "backend" "127.0.0.1" "127.0.0.1:\d+"$/);
});
