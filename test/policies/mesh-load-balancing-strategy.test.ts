import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { ask, startHttpService, startTcpService, TcpClient } from '../../tools/fixtures/services.ts';

let mesh: Mesh;
let port: number;
let portOfSecondRack: number;
let bytesPort: number;
const services: { close(): Promise<void> }[] = [];
const held: (() => void)[] = [];
/** On one connection, and so on one of Envoy's threads, each of which has its own turns. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

type Inbound = NonNullable<Parameters<Mesh['join']>[0]['inbound']>[number];

const names = ['one', 'two', 'three'];
const racks: Record<string, string> = { one: 'r1', two: 'r2', three: 'r2' };

beforeAll(async () => {
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  for (const name of names) {
    const service = await startHttpService(name, (request, response) => {
      if (request.url === '/hold' && name === 'one') held.push(() => response.end(name));
      else response.end(name);
    });
    services.push(service);
    const inbound: Inbound[] = [{ service: 'backend', servicePort: service.port, tags: { rack: racks[name]! } }];
    if (name !== 'three') {
      const bytes = await startTcpService(name);
      services.push(bytes);
      inbound.push({ service: 'bytes', servicePort: bytes.port, protocol: 'tcp' });
    }
    await mesh.join({ name, inbound });
  }
  const caller = (name: string, rack: string) =>
    mesh.join({ name, inbound: [{ service: name, servicePort: 1, tags: { rack } }], calls: ['backend', 'bytes'] });
  const web = await caller('web', 'r1');
  port = web.outbound('backend');
  bytesPort = web.outbound('bytes');
  portOfSecondRack = (await caller('admin', 'r2')).outbound('backend');
  await eventually('all endpoints', async () => expect(new Set(await answers())).toEqual(new Set(names)));
});

afterAll(async () => {
  for (const release of held) release();
  agent.destroy();
  await mesh?.stop();
  await Promise.all(services.map((service) => service.close()));
});

function strategy(conf: object): Promise<string> {
  const to = ['backend', 'bytes'].map((name) => ({ targetRef: { kind: 'MeshService', name }, default: conf }));
  return mesh.controlPlane.apply(
    JSON.stringify({ type: 'MeshLoadBalancingStrategy', mesh: 'default', name: 'strategy', spec: { to } }),
  );
}

type Request = Parameters<typeof ask>[1];

/** Who answers, request after request. */
async function answers(request: (index: number) => Request = () => ({}), of = port, count = 15): Promise<string[]> {
  const all: string[] = [];
  for (let index = 0; index < count; index++) {
    const { status, body } = await ask(of, { agent, ...request(index) });
    expect(status).toBe(200);
    all.push(body);
  }
  return all;
}

async function sticksTo(what: string, request: (value: string) => Request): Promise<void> {
  await eventually(`equal ${what} being sent to one endpoint`, async () => {
    for (const value of ['a', 'b', 'c']) expect(new Set(await answers(() => request(value))).size).toBe(1);
  });
  // Sixty values that all hash to one of three endpoints: once in 10^28.
  expect(new Set(await answers((index) => request(`value ${index}`), port, 60)).size).toBeGreaterThan(1);
}

test('in turns by default: each endpoint takes as many requests', async () => {
  const all = await answers();
  for (const name of names) expect(all.filter((answer) => answer === name)).toHaveLength(5);
});

test('a ring sends equal values of a header to the same endpoint', async () => {
  await strategy({
    loadBalancer: { type: 'RingHash', ringHash: { hashPolicies: [{ type: 'Header', header: { name: 'x-user' } }] } },
  });
  await sticksTo('headers', (value) => ({ headers: { 'x-user': value } }));
});

test('a ring whose sizes two policies set against each other works, and so does the proxy', async () => {
  const ring = (ringHash: object) => ({ loadBalancer: { type: 'RingHash', ringHash } });
  await strategy(ring({ minRingSize: 100_000 }));
  const to = [{ targetRef: { kind: 'MeshService', name: 'backend' }, default: ring({ maxRingSize: 10 }) }];
  const spec = { targetRef: { kind: 'Dataplane', name: 'web' }, to };
  await mesh.controlPlane.apply(JSON.stringify({ type: 'MeshLoadBalancingStrategy', mesh: 'default', name: 'small', spec }));
  const sizeOfRing = async () => {
    const stats = await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'web', '--type=stats']);
    return Number(/^cluster\.backend\.ring_hash_lb\.size: (\d+)$/m.exec(stats)?.[1]);
  };
  await eventually('a small ring', async () => expect(await sizeOfRing()).toBeLessThanOrEqual(10));
  await mesh.controlPlane.kumactl(['delete', 'meshloadbalancingstrategy', 'small']);
  await eventually('a large ring', async () => expect(await sizeOfRing()).toBeGreaterThanOrEqual(100_000));
});

test('a Maglev table sends equal query parameters to the same endpoint', async () => {
  await strategy({
    loadBalancer: { type: 'Maglev', maglev: { tableSize: 1009 } },
    hashPolicies: [{ type: 'QueryParameter', queryParameter: { name: 'user' } }],
  });
  await sticksTo('parameters', (value) => ({ path: `/?user=${encodeURIComponent(value)}` }));
});

test('a client is given a cookie, and stays where it leads', async () => {
  await strategy({
    loadBalancer: { type: 'RingHash' },
    hashPolicies: [{ type: 'Cookie', cookie: { name: 'session', ttl: '1h', path: '/' } }],
  });
  await eventually('a cookie', async () => {
    const { headers, body } = await ask(port);
    const cookie = headers['set-cookie']?.[0];
    expect(cookie).toMatch(/^session=.*; Max-Age=3600; Path=\/; HttpOnly$/i);
    const sticky = await answers(() => ({ headers: { cookie: cookie!.split(';')[0]! } }));
    expect(new Set(sticky)).toEqual(new Set([body]));
  });
});

test('everything from one address goes to one endpoint, unless a terminal policy before it decides', async () => {
  await strategy({
    loadBalancer: { type: 'RingHash' },
    hashPolicies: [
      { type: 'Header', header: { name: 'x-user' }, terminal: true },
      { type: 'Connection', connection: { sourceIP: true } },
    ],
  });
  await eventually('one endpoint', async () => expect(new Set(await answers()).size).toBe(1));
  await sticksTo('headers', (value) => ({ headers: { 'x-user': value } }));
});

test('what a filter left behind of a request can be hashed', async () => {
  const filter = {
    name: 'envoy.filters.http.set_filter_state',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config',
      onRequestHeaders: [
        {
          objectKey: 'tests.user',
          factoryKey: 'envoy.hashable_string',
          formatString: { textFormatSource: { inlineString: '%REQ(x-user)%' } },
        },
      ],
    },
  };
  const httpFilter = { operation: 'AddFirst', match: { origin: 'outbound' }, value: JSON.stringify(filter) };
  const patch = { default: { appendModifications: [{ httpFilter }] } };
  await mesh.controlPlane.apply(JSON.stringify({ type: 'MeshProxyPatch', mesh: 'default', name: 'state', spec: patch }));
  await strategy({
    loadBalancer: { type: 'Maglev' },
    hashPolicies: [{ type: 'FilterState', filterState: { key: 'tests.user' } }],
  });
  await sticksTo('objects', (value) => ({ headers: { 'x-user': value } }));
  await mesh.controlPlane.kumactl(['delete', 'meshproxypatch', 'state']);
});

test('TCP connections from one address go to one endpoint', async () => {
  const seen = async () => {
    const all: string[] = [];
    for (let index = 0; index < 12; index++) {
      const client = new TcpClient(bytesPort);
      all.push(await client.say('hello'));
      client.close();
    }
    return new Set(all);
  };
  await strategy({ loadBalancer: { type: 'RoundRobin' } });
  await eventually('all endpoints', async () => expect((await seen()).size).toBe(2));
  await strategy({
    loadBalancer: { type: 'RingHash', ringHash: { hashFunction: 'MurmurHash2' } },
    hashPolicies: [{ type: 'Connection', connection: { sourceIP: true } }],
  });
  await eventually('one endpoint', async () => expect((await seen()).size).toBe(1));
});

test('one route is hashed by something of its own', async () => {
  const rules = [{ matches: [{ path: { type: 'PathPrefix', value: '/api' } }], default: {} }];
  const route = { to: [{ targetRef: { kind: 'MeshService', name: 'backend' }, rules }] };
  await mesh.controlPlane.apply(JSON.stringify({ type: 'MeshHTTPRoute', mesh: 'default', name: 'api', spec: route }));
  const ofRoute = { hashPolicies: [{ type: 'Header', header: { name: 'x-tenant' } }] };
  const spec = { to: [{ targetRef: { kind: 'MeshHTTPRoute', name: 'api' }, default: ofRoute }] };
  await mesh.controlPlane.apply(JSON.stringify({ type: 'MeshLoadBalancingStrategy', mesh: 'default', name: 'of-route', spec }));
  await sticksTo('tenants', (value) => ({ path: '/api', headers: { 'x-tenant': value } }));
  expect(new Set(await answers((index) => ({ headers: { 'x-tenant': String(index) } }))).size).toBe(1);
});

test('an endpoint with fewer running requests takes the next', async () => {
  await strategy({ loadBalancer: { type: 'LeastRequest', leastRequest: { choiceCount: 64 } } });
  // Requests that began under another strategy do not count.
  await eventually('no hashing any more', async () => expect(new Set(await answers())).toEqual(new Set(names)));
  const holding: Promise<unknown>[] = [];
  await eventually('one endpoint being busy', async () => {
    if (held.length > 0) return;
    holding.push(ask(port, { path: '/hold' }));
    await eventually('an answer, or not', () => expect(held.length).toBeGreaterThan(0), 200);
  });
  await eventually('the others alone', async () => {
    expect(new Set(await answers(() => ({ agent: new Agent() }), port, 30))).toEqual(new Set(['two', 'three']));
  });
  for (const release of held.splice(0)) release();
  await Promise.all(holding);
});

test('the most choices that can be asked for keep no request waiting', async () => {
  await strategy({ loadBalancer: { type: 'LeastRequest', leastRequest: { choiceCount: 4_294_967_295 } } });
  await eventually('few enough choices', async () => {
    const config = await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'web', '--type=config-dump']);
    expect(config).toMatch(/"choice_count": 1000\b/);
  });
  expect(new Set(await answers())).toEqual(new Set(names));
});

test('at random, endpoints have no turns', async () => {
  await strategy({ loadBalancer: { type: 'Random' } });
  await eventually('an endpoint that answers twice in a row', async () => {
    const all = await answers();
    expect(all.some((answer, index) => answer === all[index + 1])).toBe(true);
    expect(new Set(all)).toEqual(new Set(names));
  });
});

test('endpoints that are near get the traffic, for each caller its own, and others when there are none', async () => {
  await strategy({ localityAwareness: { disabled: true, localZone: { affinityTags: [{ key: 'rack', weight: 1_000_000 }] } } });
  await eventually('the near endpoint', async () => expect(new Set(await answers())).toEqual(new Set(['one'])));
  await eventually('the endpoints near somebody else', async () => {
    expect(new Set(await answers(() => ({ agent: new Agent() }), portOfSecondRack))).toEqual(new Set(['two', 'three']));
  });
  const dataplane = JSON.parse(await mesh.controlPlane.kumactl(['get', 'dataplane', 'one', '-o', 'json']));
  dataplane.networking.inbound[0].state = 'NotReady';
  await mesh.controlPlane.apply(JSON.stringify(dataplane));
  await eventually('the others', async () => expect(new Set(await answers())).toEqual(new Set(['two', 'three'])));
});

test('a table that begins and ceases to prefer what is near fails no request', async () => {
  const near = { localZone: { affinityTags: [{ key: 'kuma.io/zone' }] } };
  const statuses = new Set<number>();
  let over = false;
  const calls = Array.from({ length: 4 }, async () => {
    const own = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!over) statuses.add((await ask(port, { agent: own })).status);
    own.destroy();
  });
  for (let change = 0; change < 10; change++) {
    await strategy({ loadBalancer: { type: 'Maglev' }, ...(change % 2 === 0 && { localityAwareness: near }) });
    await delay(300);
  }
  over = true;
  await Promise.all(calls);
  expect(statuses).toEqual(new Set([200]));
});

test('weights by the order of tags leave a tenth to what is not near', async () => {
  const dataplane = JSON.parse(await mesh.controlPlane.kumactl(['get', 'dataplane', 'one', '-o', 'json']));
  dataplane.networking.inbound[0].state = 'Ready';
  await mesh.controlPlane.apply(JSON.stringify(dataplane));
  await strategy({ localityAwareness: { localZone: { affinityTags: [{ key: 'rack' }] } } });
  await eventually('nine of ten being near', async () => {
    const all = await answers(() => ({}), port, 100);
    const near = all.filter((answer) => answer === 'one').length;
    expect(near).toBeGreaterThanOrEqual(80);
    expect(near).toBeLessThan(100);
  });
});

test('weights of tags share the traffic among who is near by each of them', async () => {
  const affinityTags = [
    { key: 'rack', weight: 30 },
    { key: 'kuma.io/zone', weight: 10 },
  ];
  await strategy({ localityAwareness: { localZone: { affinityTags } } });
  await eventually('three of four being nearest', async () => {
    const all = await answers(() => ({}), port, 200);
    const nearest = all.filter((answer) => answer === 'one').length;
    expect(nearest).toBeGreaterThan(130);
    expect(nearest).toBeLessThan(165);
    expect(new Set(all)).toEqual(new Set(names));
  });
});
