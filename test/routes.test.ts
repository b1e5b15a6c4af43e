import { Agent } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../tools/fixtures/eventually.ts';
import { Http2Client } from '../tools/fixtures/http2-service.ts';
import { allowAll, Mesh, meshWithMtls } from '../tools/fixtures/mesh.ts';
import { type Answer, ask, type HttpService, startHttpService, startTcpService, TcpClient } from '../tools/fixtures/services.ts';

let mesh: Mesh;
const services = new Map<string, HttpService>();
const tcpServices: Awaited<ReturnType<typeof startTcpService>>[] = [];
let port: number;
let tcpPort: number;

beforeAll(async () => {
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  for (const version of ['v1', 'v2']) {
    const service = await startHttpService(version);
    const tcp = await startTcpService(version);
    services.set(version, service);
    tcpServices.push(tcp);
    await mesh.join({
      name: `backend-${version}`,
      inbound: [
        { service: 'backend', servicePort: service.port, tags: { version } },
        { service: 'backend-tcp', servicePort: tcp.port, protocol: 'tcp', tags: { version } },
      ],
    });
  }
  const other = await startHttpService('other');
  services.set('other', other);
  const otherTcp = await startTcpService('other');
  tcpServices.push(otherTcp);
  await mesh.join({
    name: 'other',
    inbound: [
      { service: 'other', servicePort: other.port },
      { service: 'other-tcp', servicePort: otherTcp.port, protocol: 'tcp' },
    ],
  });
  const web = await mesh.join({ name: 'web', calls: ['backend', 'backend-tcp'] });
  port = web.outbound('backend');
  tcpPort = web.outbound('backend-tcp');
  await eventually('a first answer', async () => expect((await ask(port)).status).toBe(200));
});

afterAll(async () => {
  await mesh?.stop();
  for (const service of [...services.values(), ...tcpServices]) await service.close();
});

const subset = (version: string, weight?: number) => ({
  kind: 'MeshServiceSubset',
  name: 'backend',
  tags: { version },
  ...(weight === undefined ? {} : { weight }),
});
const prefix = (value: string) => ({ path: { type: 'PathPrefix', value } });

async function applyRoute(rules: readonly unknown[]): Promise<void> {
  await mesh.controlPlane.apply(
    JSON.stringify({
      type: 'MeshHTTPRoute',
      mesh: 'default',
      name: 'route',
      spec: {
        targetRef: { kind: 'MeshService', name: 'web' },
        to: [{ targetRef: { kind: 'MeshService', name: 'backend' }, rules }],
      },
    }),
  );
}

async function seen(what: string, options: Parameters<typeof ask>[1], check: (answer: Answer) => void): Promise<void> {
  await eventually(what, async () => check(await ask(port, options)));
}

test('a path prefix matches whole segments, a header and the method narrow it', async () => {
  await applyRoute([
    { matches: [prefix('/v2')], default: { backendRefs: [subset('v2')] } },
    { matches: [{ ...prefix('/'), headers: [{ name: 'x-version', value: 'v2' }] }], default: { backendRefs: [subset('v2')] } },
    { matches: [{ ...prefix('/'), method: 'POST' }], default: { backendRefs: [subset('v2')] } },
    { matches: [prefix('/')], default: { backendRefs: [subset('v1')] } },
  ]);
  await eventually('/v2/x always at v2', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port, { path: '/v2/x' })));
    expect(new Set(answers.map((answer) => answer.body))).toEqual(new Set(['v2']));
  });
  expect((await ask(port, { path: '/v2' })).body).toBe('v2');
  expect((await ask(port, { path: '/v22' })).body).toBe('v1');
  expect((await ask(port, { headers: { 'x-version': 'v2' } })).body).toBe('v2');
  expect((await ask(port, { headers: { 'x-version': 'v3' } })).body).toBe('v1');
  expect((await ask(port, { method: 'POST' })).body).toBe('v2');
});

test('a path is compared and passed on in one form, whatever a client makes of it', async () => {
  await applyRoute([
    { matches: [prefix('/caf%C3%A9')], default: { backendRefs: [subset('v2')] } },
    { matches: [prefix('/')], default: { backendRefs: [subset('v1')] } },
  ]);
  await seen('the encoded path at v2', { path: '/caf%C3%A9/x' }, ({ body }) => expect(body).toBe('v2'));
  const client = new Http2Client(port);
  for (const path of ['/café', '/x/../caf%C3%A9', '/./%63af%C3%A9', '/%2E/café', '/x\\..\\caf%C3%A9']) {
    const sent = Buffer.from(path).toString('latin1');
    expect(await client.ask({ path: sent }), path).toMatchObject({ status: 200, body: 'v2' });
    expect(services.get('v2')!.requests.at(-1)!.url, path).toBe('/caf%C3%A9');
  }
  client.close();
});

test('weights split traffic, a weight of 0 gets none', async () => {
  await applyRoute([{ matches: [prefix('/')], default: { backendRefs: [subset('v1', 1), subset('v2', 0)] } }]);
  await eventually('only v1', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(port)));
    expect(new Set(answers.map((answer) => answer.body))).toEqual(new Set(['v1']));
  });
});

test('weights split traffic between subsets and services', async () => {
  await applyRoute([
    { matches: [prefix('/')], default: { backendRefs: [subset('v1', 3), { kind: 'MeshService', name: 'other', weight: 1 }] } },
  ]);
  await eventually('a quarter at the other service', async () => {
    const bodies = (await Promise.all(Array.from({ length: 100 }, () => ask(port)))).map(({ body }) => body);
    expect(new Set(bodies)).toEqual(new Set(['v1', 'other']));
    const others = bodies.filter((body) => body === 'other').length;
    expect(others).toBeGreaterThan(8);
    expect(others).toBeLessThan(50);
  });
});

test('headers are set, added and removed on the way, in both directions', async () => {
  await applyRoute([
    {
      matches: [prefix('/')],
      default: {
        filters: [
          {
            type: 'RequestHeaderModifier',
            requestHeaderModifier: {
              set: [{ name: 'x-set', value: 'new' }],
              add: [
                { name: 'x-add', value: 'more' },
                { name: 'x-format', value: '%REQ(x-set):2% of 100%%' },
                { name: 'x-text', value: '100%' },
              ],
              remove: ['x-gone'],
            },
          },
          {
            type: 'ResponseHeaderModifier',
            responseHeaderModifier: {
              set: [{ name: 'x-from-mesh', value: 'yes' }],
              add: [{ name: 'x-also', value: 'more' }],
              remove: ['x-service'],
            },
          },
        ],
        backendRefs: [subset('v1')],
      },
    },
  ]);
  await seen('the response header', { headers: { 'x-set': 'old', 'x-add': 'some', 'x-gone': 'here' } }, (answer) => {
    expect(answer.headers).toMatchObject({ 'x-from-mesh': 'yes', 'x-also': 'more' });
    expect(answer.headers).not.toHaveProperty('x-service');
  });
  const { headers } = services.get('v1')!.requests.at(-1)!;
  expect(headers).toMatchObject({ 'x-set': 'new', 'x-text': '100%' });
  // Headers are changed one after the other.
  expect(headers['x-format']).toMatch(/^(ol|ne) of 100%$/);
  expect(headers['x-add']).toBe('some, more');
  expect(headers['x-gone']).toBeUndefined();
});

test('a header that connections have for themselves is not written, and ends none', async () => {
  const connection = ['connection', 'upgrade', 'transfer-encoding', 'content-length'].map((name) => ({ name, value: '7' }));
  const headers = { set: [{ name: 'x-told', value: 'yes' }], add: connection };
  await applyRoute([
    {
      matches: [prefix('/')],
      default: {
        filters: [
          { type: 'RequestHeaderModifier', requestHeaderModifier: headers },
          { type: 'ResponseHeaderModifier', responseHeaderModifier: headers },
        ],
        backendRefs: [subset('v1')],
      },
    },
  ]);
  await seen('an answer', {}, (answer) => {
    expect(answer).toMatchObject({ status: 200, body: 'v1', headers: { 'x-told': 'yes' } });
  });
  const arrived = services.get('v1')!.requests.at(-1)!.headers;
  expect(arrived['x-told']).toBe('yes');
  expect(Object.values(arrived)).not.toContain('7');
});

test('a redirect is answered by the proxy', async () => {
  await applyRoute([
    {
      matches: [prefix('/old')],
      default: {
        filters: [
          {
            type: 'RequestRedirect',
            requestRedirect: {
              hostname: 'example.com',
              statusCode: 301,
              path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/new' },
            },
          },
        ],
      },
    },
  ]);
  await seen('a redirect', { path: '/old/page' }, (answer) => {
    expect(answer.status).toBe(301);
    expect(answer.headers.location).toContain('example.com/new/page');
  });
});

test('a redirect leads to another scheme, port and whole path', async () => {
  const path = { type: 'ReplaceFullPath', replaceFullPath: '/there' };
  const requestRedirect = { scheme: 'https', hostname: 'example.com', port: 8443, statusCode: 307, path };
  await applyRoute([{ matches: [prefix('/')], default: { filters: [{ type: 'RequestRedirect', requestRedirect }] } }]);
  await seen('a redirect', { path: '/old/page' }, (answer) => {
    expect(answer.status).toBe(307);
    expect(answer.headers.location).toBe('https://example.com:8443/there');
  });
});

test('a request for another host and path arrives so, with what stands behind the path', async () => {
  const path = { type: 'ReplaceFullPath', replaceFullPath: '/whole' };
  const urlRewrite = { hostname: 'inside.example.com', path };
  const filters = [{ type: 'URLRewrite', urlRewrite }];
  await applyRoute([{ matches: [prefix('/')], default: { filters, backendRefs: [subset('v1')] } }]);
  await eventually('a rewritten request', async () => {
    await ask(port, { path: '/any/thing?page=2' });
    const { url, headers } = services.get('v1')!.requests.at(-1)!;
    expect(headers.host).toBe('inside.example.com');
    expect(url).toBe('/whole?page=2');
  });
});

test('the more specific match wins, whatever the order of the rules', async () => {
  const to = (version: string, match: object) => ({ matches: [match], default: { backendRefs: [subset(version)] } });
  const header = (name: string) => ({ headers: [{ name, value: 'yes' }] });
  await applyRoute([
    to('v2', header('x-two')),
    to('v1', { path: { type: 'RegularExpression', value: '/long/.*' } }),
    to('v1', prefix('/long')),
    to('v2', prefix('/long/path')),
    to('v1', { ...prefix('/long/path'), method: 'PUT' }),
    to('v2', { path: { type: 'Exact', value: '/long' } }),
    to('v1', { ...prefix('/'), ...header('x-one') }),
    to('v1', { path: { type: 'RegularExpression', value: '/any/.*' } }),
    to('v2', { path: { type: 'RegularExpression', value: '/any/more.*' } }),
  ]);
  const always = (version: string, options: Parameters<typeof ask>[1]) =>
    eventually(`only ${version}`, async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => ask(port, options)));
      expect(new Set(answers.map((answer) => answer.body))).toEqual(new Set([version]));
    });
  await always('v2', { path: '/long' });
  await always('v1', { path: '/long/other' });
  await always('v2', { path: '/long/path/on' });
  await always('v1', { path: '/long/path/on', method: 'PUT' });
  await always('v2', { headers: { 'x-two': 'yes' } });
  await always('v1', { path: '/long/other', headers: { 'x-two': 'yes' } });
  await always('v1', { path: '/any/other' });
  await always('v2', { path: '/any/more/of/it' });
  await always('v1', { path: '/any/other', headers: { 'x-two': 'yes' } });
  await always('v1', { path: '/any/more/of/it', headers: { 'x-one': 'yes' } });
});

test('of equal matches that of the more specific policy wins, and that of the name that comes first', async () => {
  const rule = (version: string, ...paths: readonly string[]) => ({
    matches: paths.map((value) => ({ path: { type: 'Exact', value } })),
    default: { backendRefs: [subset(version)] },
  });
  const all = (name: string, ...rules: readonly unknown[]) =>
    mesh.controlPlane.apply(
      JSON.stringify({
        type: 'MeshHTTPRoute',
        mesh: 'default',
        name,
        spec: { to: [{ targetRef: { kind: 'MeshService', name: 'backend' }, rules }] },
      }),
    );
  await all('all-1', rule('v1', '/by-name'));
  await all('all-2', rule('v2', '/specific', '/by-name', '/other'));
  await applyRoute([rule('v1', '/specific')]);
  const answersOf = async (path: string) => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(port, { path })));
    return new Set(answers.map(({ body }) => body));
  };
  await eventually('the routes', async () => expect(await answersOf('/other')).toEqual(new Set(['v2'])));
  await eventually('that of one proxy', async () => expect(await answersOf('/specific')).toEqual(new Set(['v1'])));
  await eventually('that of the first name', async () => expect(await answersOf('/by-name')).toEqual(new Set(['v1'])));
  for (const name of ['all-1', 'all-2']) await mesh.controlPlane.kumactl(['delete', 'meshhttproute', name]);
});

test('a path is rewritten and a copy goes to the mirror', async () => {
  await applyRoute([
    {
      matches: [prefix('/api')],
      default: {
        filters: [
          { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/internal' } } },
          { type: 'RequestMirror', requestMirror: { backendRef: { kind: 'MeshService', name: 'other' } } },
        ],
        backendRefs: [subset('v1')],
      },
    },
  ]);
  await eventually('a rewritten path', async () => {
    await ask(port, { path: '/api/users' });
    expect(services.get('v1')!.requests.at(-1)!.url).toBe('/internal/users');
  });
  const mirrored = () => services.get('other')!.requests.filter(({ headers }) => headers.host?.includes('-shadow'));
  await eventually('a mirrored request', () => expect(mirrored().at(-1)?.url).toBe('/internal/users'));
});

test('a share of the requests is mirrored, and the answers of the mirror are nobody’s', async () => {
  const requestMirror = { percentage: 50, backendRef: { kind: 'MeshService', name: 'other' } };
  const filters = [{ type: 'RequestMirror', requestMirror }];
  await applyRoute([{ matches: [prefix('/share')], default: { filters, backendRefs: [subset('v1')] } }]);
  let round = 0;
  await eventually('about half', async () => {
    const path = `/share/${round++}`;
    const bodies = (await Promise.all(Array.from({ length: 100 }, () => ask(port, { path })))).map(({ body }) => body);
    expect(new Set(bodies)).toEqual(new Set(['v1']));
    const copies = services.get('other')!.requests.filter(({ url }) => url === path).length;
    expect(copies).toBeGreaterThan(20);
    expect(copies).toBeLessThan(80);
  });
});

/** Who takes a number of connections. */
async function tcpAnswers(connections: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new TcpClient(tcpPort);
      const answer = await client.say('x').finally(() => client.close());
      return answer.split(':')[0]!;
    }),
  );
}

function applyTcpRoute(backendRefs: readonly object[]): Promise<string> {
  return mesh.controlPlane.apply(
    JSON.stringify({
      type: 'MeshTCPRoute',
      mesh: 'default',
      name: 'tcp',
      spec: {
        targetRef: { kind: 'MeshService', name: 'web' },
        to: [{ targetRef: { kind: 'MeshService', name: 'backend-tcp' }, rules: [{ default: { backendRefs } }] }],
      },
    }),
  );
}

const tcpSubset = (version: string, weight: number) => ({ ...subset(version, weight), name: 'backend-tcp' });

test('TCP connections go where a MeshTCPRoute sends them, none where its weight is 0', async () => {
  await applyTcpRoute([tcpSubset('v1', 0), tcpSubset('v2', 1)]);
  await eventually('only v2', async () => expect(new Set(await tcpAnswers(12))).toEqual(new Set(['v2'])));
});

test('TCP connections are split by weight, also between services', async () => {
  await applyTcpRoute([tcpSubset('v1', 3), { kind: 'MeshService', name: 'other-tcp', weight: 1 }]);
  await eventually('a quarter at the other service', async () => {
    const answers = await tcpAnswers(100);
    expect(new Set(answers)).toEqual(new Set(['v1', 'other']));
    const others = answers.filter((answer) => answer === 'other').length;
    expect(others).toBeGreaterThan(8);
    expect(others).toBeLessThan(50);
  });
});

test('connections that are open when a MeshTCPRoute takes over from a MeshHTTPRoute fail no request', async () => {
  const applyTcp = (version: string) =>
    mesh.controlPlane.apply(
      JSON.stringify({
        type: 'MeshTCPRoute',
        mesh: 'default',
        name: 'takes-over',
        spec: {
          to: [{ targetRef: { kind: 'MeshService', name: 'backend' }, rules: [{ default: { backendRefs: [subset(version)] } }] }],
        },
      }),
    );
  await applyTcp('v1');
  await applyRoute([{ matches: [prefix('/')], default: { backendRefs: [subset('v2')] } }]);
  await seen('v2 by the MeshHTTPRoute', {}, ({ body }) => expect(body).toBe('v2'));
  const agent = new Agent({ keepAlive: true, maxSockets: 5 });
  const answersOfAll = () => Promise.all(Array.from({ length: 5 }, () => ask(port, { agent })));
  for (const { status } of await answersOfAll()) expect(status).toBe(200);
  await mesh.controlPlane.kumactl(['delete', 'meshhttproute', 'route']);
  await seen('v1 by the MeshTCPRoute', {}, ({ body }) => expect(body).toBe('v1'));
  for (const { status, body } of await answersOfAll()) expect(`${status} ${body}`).toBe('200 v2');
  for (const { status, body } of await answersOfAll()) expect(`${status} ${body}`).toBe('200 v1');
  agent.destroy();
  await mesh.controlPlane.kumactl(['delete', 'meshtcproute', 'takes-over']);
});
