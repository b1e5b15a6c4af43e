import { once } from 'node:events';
import { Agent, type ServerResponse } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { freePorts } from '../../tools/fixtures/ports.ts';
import { ask, type HttpService, startHttpService, startTcpService, TcpClient } from '../../tools/fixtures/services.ts';
import { dataplaneYaml } from '../../tools/fixtures/sidecar.ts';

let mesh: Mesh;
let outbound: (service: string) => number;
let backend: HttpService;
let silent: Server;
const closing: (() => Promise<void>)[] = [];
const trickling = new Set<NodeJS.Timeout>();

beforeAll(async () => {
  mesh = await Mesh.start();
  // What they say would be merged with what is tested, and a second try would hide the end of the first.
  for (const policy of ['meshtimeout/mesh-timeout-all-default', 'meshretry/mesh-retry-all-default']) {
    await mesh.controlPlane.kumactl(['delete', ...policy.split('/')]);
  }
  backend = await startHttpService('backend', (request, response) => {
    if (request.url === '/stall') response.write('begun');
    else if (request.url === '/trickle') trickle(response);
    else if (request.url !== '/never') response.end('done');
  });
  const tcp = await startTcpService('database');
  closing.push(backend.close, tcp.close);
  await mesh.join({
    name: 'backend',
    inbound: [
      { service: 'backend', servicePort: backend.port },
      { service: 'database', servicePort: tcp.port, protocol: 'tcp' },
    ],
  });
  ({ outbound } = await mesh.join({ name: 'web', calls: ['backend', 'database', 'silent'] }));
  await eventually('an answer', async () => expect((await ask(outbound('backend'))).body).toBe('done'));
});

afterAll(async () => {
  for (const timer of trickling) clearInterval(timer);
  await mesh?.stop();
  silent?.close();
  await Promise.all(closing.map((close) => close()));
});

beforeEach(async () => {
  const list = JSON.parse(await mesh.controlPlane.kumactl(['get', 'meshtimeouts', '-o', 'json'])) as {
    items: { name: string }[];
  };
  for (const { name } of list.items) await mesh.controlPlane.kumactl(['delete', 'meshtimeout', name]);
});

function trickle(response: ServerResponse): void {
  const timer = setInterval(() => response.write('.'), 20);
  trickling.add(timer);
  response.once('close', () => {
    clearInterval(timer);
    trickling.delete(timer);
  });
}

function apply(spec: object, type = 'MeshTimeout', name = 'tested'): Promise<string> {
  return mesh.controlPlane.apply(JSON.stringify({ type, mesh: 'default', name, spec }));
}

/** For calls of the backend. */
const calling = (conf: object, service = 'backend') => ({
  targetRef: { kind: 'Dataplane', labels: { app: 'web' } },
  to: [{ targetRef: { kind: 'MeshService', name: service }, default: conf }],
});
/** For what the backend takes. */
const serving = (conf: object) => ({ targetRef: { kind: 'Dataplane', labels: { app: 'backend' } }, rules: [{ default: conf }] });
const sides = [
  ['for calls', calling],
  ['for what a service takes', serving],
] as const;

test.each(sides)('%s: a request that is not answered in time ends with 504', async (_, on) => {
  await apply(on({ http: { requestTimeout: '200ms' } }));
  await eventually('a timeout', async () => {
    expect((await ask(outbound('backend'), { path: '/never', timeout: 1_000 })).status).toBe(504);
  });
  expect((await ask(outbound('backend'))).status).toBe(200);
});

test.each(sides)('%s: a request is answered in time or ends, however long it may take besides', async (_, on) => {
  for (const maxStreamDuration of ['0s', '1h']) {
    await apply(on({ http: { requestTimeout: '0s', maxStreamDuration } }));
    await eventually('no timeout', async () => {
      await expect(ask(outbound('backend'), { path: '/never', timeout: 500 })).rejects.toThrow('no answer');
    });
    await apply(on({ http: { requestTimeout: '200ms', maxStreamDuration } }));
    await eventually('a timeout', async () => {
      expect((await ask(outbound('backend'), { path: '/never', timeout: 1_000 })).status).toBe(504);
    });
  }
});

test.each(sides)('%s: an answer that stalls is cut off', async (_, on) => {
  await apply(on({ http: { requestTimeout: '0s', streamIdleTimeout: '200ms' } }));
  await eventually('the end of an answer', async () => {
    await expect(ask(outbound('backend'), { path: '/stall', timeout: 1_000 })).rejects.toThrow('aborted');
  });
  expect((await ask(outbound('backend'))).status).toBe(200);
});

test.each(sides)('%s: an answer that goes on for too long is cut off', async (_, on) => {
  await apply(on({ http: { requestTimeout: '0s', maxStreamDuration: '300ms' } }));
  await eventually('the end of an answer', async () => {
    await expect(Promise.race([ask(outbound('backend'), { path: '/trickle' }), patience(2_000)])).rejects.toThrow('aborted');
  });
  expect((await ask(outbound('backend'))).status).toBe(200);
});

function patience(milliseconds: number): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(new Error('it goes on')), milliseconds));
}

test.each(sides)('%s: a client that does not finish its headers is told so', async (_, on) => {
  await apply(on({ http: { requestHeadersTimeout: '200ms' } }));
  // Between proxies headers come in one piece: the client of the inbound is one without a proxy.
  const port = on === calling ? outbound('backend') : Number(await portOf('backend'));
  await eventually('an answer', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n');
    const [data] = await Promise.race([once(socket, 'data'), patience(1_000)]).finally(() => socket.destroy());
    expect(String(data)).toContain('408');
  });
});

async function portOf(dataplane: string): Promise<number> {
  const { networking } = JSON.parse(await mesh.controlPlane.kumactl(['get', 'dataplane', dataplane, '-o', 'json']));
  return networking.inbound[0].port;
}

test('a connection that is not made in time is given up', async () => {
  const sockets = new Set<Socket>();
  // Accepts, and says nothing of what is expected of a proxy of the mesh.
  silent = createServer((socket) => sockets.add(socket.on('error', () => {})));
  const [port] = (await freePorts(1)) as [number];
  await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
  await mesh.controlPlane.apply(meshWithMtls());
  await mesh.controlPlane.apply(dataplaneYaml({ name: 'silent', inbound: [{ service: 'silent', port, servicePort: 1 }] }));
  await apply(calling({ connectionTimeout: '200ms', http: { requestTimeout: '0s' } }, 'silent'));
  await eventually('the end of a try', async () => {
    const answer = await ask(outbound('silent'), { timeout: 1_500 });
    expect(answer.status).toBe(503);
    expect(answer.body).toContain('connection timeout');
  });
  for (const socket of sockets) socket.destroy();
  await mesh.controlPlane.apply(JSON.stringify({ type: 'Mesh', name: 'default' }));
  await eventually('an answer', async () => expect((await ask(outbound('backend'))).body).toBe('done'));
});

test.each(sides)('%s: an idle TCP connection is closed, one in use is not', async (_, on) => {
  await apply(on({ idleTimeout: '500ms' }, 'database'));
  await eventually('the end of a connection', async () => {
    const client = new TcpClient(outbound('database'));
    for (const word of ['a', 'b', 'c']) expect(await client.say(word)).toBe(`database:${word}`);
    await Promise.race([client.closed, patience(2_000)]).finally(() => client.close());
  });
});

test('connections to the application end when they are idle, and when they are old', async () => {
  const ends: (() => Promise<unknown>)[] = [];
  const seen = (socket: Socket) => ends.push(() => once(socket, 'close'));
  backend.server.on('connection', seen);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const connectionEnds = async (conf: object) => {
    await apply(serving(conf));
    await eventually('the end of a connection', async () => {
      ends.length = 0;
      // The first request of a connection's life, as others may be left of before.
      await Promise.all(Array.from({ length: 4 }, () => ask(outbound('backend'), { agent })));
      await Promise.race([Promise.all(ends.map((ended) => ended())), patience(2_000)]);
      expect(ends.length).toBeGreaterThan(0);
    });
  };
  await connectionEnds({ idleTimeout: '300ms' });
  await connectionEnds({ idleTimeout: '1h', http: { maxConnectionDuration: '300ms' } });
  backend.server.off('connection', seen);
  agent.destroy();
});

test('connections between proxies end when they are idle, and when they are old', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const connectionEnds = async (conf: object, counter: string) => {
    await apply(calling(conf));
    await eventually(`a count of ${counter}`, async () => {
      expect((await ask(outbound('backend'), { agent })).status).toBe(200);
      const stats = await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'web', '--type=stats']);
      expect(stats).toMatch(new RegExp(`^cluster\\.backend\\.${counter}: [1-9]`, 'm'));
    });
  };
  await connectionEnds({ idleTimeout: '50ms' }, 'upstream_cx_idle_timeout');
  await connectionEnds({ idleTimeout: '1h', http: { maxConnectionDuration: '50ms' } }, 'upstream_cx_max_duration_reached');
  agent.destroy();
});

test('one route has a timeout of its own, by a policy on the route and by one that is attached to it', async () => {
  const rule = (path: string, type: string) => ({ matches: [{ path: { type, value: path } }], default: {} });
  const route = (name: string, path: string, type = 'Exact') =>
    apply({ to: [{ targetRef: { kind: 'MeshService', name: 'backend' }, rules: [rule(path, type)] }] }, 'MeshHTTPRoute', name);
  await route('never', '/never');
  const http = { http: { requestTimeout: '200ms' } };
  const never = { path: '/never', timeout: 700 };
  const ofRoute = { targetRef: { kind: 'MeshHTTPRoute', name: 'never' }, default: { idleTimeout: '1s', ...http } };
  expect(await apply({ to: [ofRoute] })).toContain("'spec.to[0].default.idleTimeout' has no effect on a MeshHTTPRoute");
  await eventually('a timeout', async () => expect((await ask(outbound('backend'), never)).status).toBe(504));
  await expect(ask(outbound('backend'), { path: '/stall', timeout: 700 })).rejects.toThrow('no answer');
  await apply({ targetRef: { kind: 'MeshHTTPRoute', name: 'other' }, to: [{ targetRef: { kind: 'Mesh' }, default: http }] });
  await eventually('no timeout', async () => expect(ask(outbound('backend'), never)).rejects.toThrow('no answer'));
  await apply({ targetRef: { kind: 'MeshHTTPRoute', name: 'never' }, to: [{ targetRef: { kind: 'Mesh' }, default: http }] });
  await eventually('a timeout', async () => expect((await ask(outbound('backend'), never)).status).toBe(504));
  const stall = { path: '/stall', timeout: 1_000 };
  await route('stall', '/stall');
  await apply({
    to: [{ targetRef: { kind: 'MeshHTTPRoute', name: 'stall' }, default: { http: { streamIdleTimeout: '200ms' } } }],
  });
  await eventually('the end of an answer', () => expect(ask(outbound('backend'), stall)).rejects.toThrow('aborted'));
  await mesh.controlPlane.kumactl(['delete', 'meshtimeout', 'tested']);
  await eventually('no end', () => expect(ask(outbound('backend'), stall)).rejects.toThrow('no answer in time'));
  for (const name of ['never', 'stall']) await mesh.controlPlane.kumactl(['delete', 'meshhttproute', name]);
});

test('clients of some SPIFFE ids have timeouts of their own, the more exact id the last word', async () => {
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  const web = outbound('backend');
  const job = (await mesh.join({ name: 'job', calls: ['backend'] })).outbound('backend');
  const never = { path: '/never', timeout: 700 };
  const stall = { path: '/stall', timeout: 700 };
  const forClients = (type: string, value: string, http: object) => ({
    matches: [{ spiffeID: { type, value: 'spiffe://default/nobody' } }, { spiffeID: { type, value } }],
    default: { http },
  });
  const everyone = { default: { http: { requestTimeout: '0s' } } };
  const onBackend = { targetRef: { kind: 'Dataplane', labels: { app: 'backend' } } };
  await apply({ ...onBackend, rules: [everyone, forClients('Prefix', 'spiffe://default/jo', { requestTimeout: '200ms' })] });
  await eventually('a timeout', async () => expect((await ask(job, never)).status).toBe(504));
  await expect(ask(web, never)).rejects.toThrow('no answer');
  const pretended = { 'x-forwarded-client-cert': 'By=x;URI=spiffe://default/job' };
  await expect(ask(web, { ...never, headers: pretended })).rejects.toThrow('no answer');
  await apply({
    ...onBackend,
    rules: [
      forClients('Exact', 'spiffe://default/job', { requestTimeout: '0s' }),
      forClients('Prefix', 'spiffe://default/', { requestTimeout: '200ms', streamIdleTimeout: '400ms' }),
      everyone,
    ],
  });
  await eventually('a timeout', async () => expect((await ask(web, never)).status).toBe(504));
  await eventually('the end of an answer', () => expect(ask(job, stall)).rejects.toThrow('aborted'));
  const shown = JSON.parse(await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'backend', '-o', 'json'])) as {
    rules: { type: string; inboundRules: { rules: { conf: object[]; matches?: object[] }[] }[] }[];
  };
  const [inbound] = shown.rules.find(({ type }) => type === 'MeshTimeout')!.inboundRules;
  expect(inbound!.rules).toMatchObject([
    { matches: [{}, { spiffeID: { type: 'Exact' } }], conf: [{ http: { requestTimeout: '0s' } }] },
    { matches: [{}, { spiffeID: { type: 'Prefix' } }], conf: [{ http: { requestTimeout: '200ms' } }] },
    { conf: [{ http: { requestTimeout: '0s' } }] },
  ]);
});
