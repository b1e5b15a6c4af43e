import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { ask, type HttpService, startHttpService, startTcpService, TcpClient } from '../../tools/fixtures/services.ts';

let mesh: Mesh;
let outbound: (service: string) => number;
const closing: (() => Promise<void>)[] = [];
const sick = new Set<string>();
const web: HttpService[] = [];
/** Where Envoy of each takes requests of backend. */
const inbounds: number[] = [];

/** Each destination has two endpoints, called one and two. */
const names = ['one', 'two'];

beforeAll(async () => {
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  for (const name of names) {
    const service = await startHttpService(name, (request, response) => {
      if (request.url === '/health') response.writeHead(sick.has(name) ? 503 : 204);
      response.end(name);
    });
    const tcp = await startTcpService(name);
    const grpc = await startGrpcService(name);
    web.push(service);
    closing.push(service.close, tcp.close, grpc.close);
    const { inboundPorts } = await mesh.join({
      name,
      inbound: [
        { service: 'backend', servicePort: service.port },
        { service: 'database', servicePort: tcp.port, protocol: 'tcp' },
        { service: 'pets', servicePort: grpc.port, protocol: 'grpc' },
      ],
    });
    inbounds.push(inboundPorts[0]!);
  }
  ({ outbound } = await mesh.join({ name: 'web', calls: ['backend', 'database', 'pets'] }));
  for (const service of ['backend', 'pets']) {
    await eventually(`both endpoints of ${service}`, async () => expect(await answers(service)).toEqual(new Set(names)));
  }
  await eventually('both endpoints of database', async () => expect(await echoes()).toEqual(new Set(names)));
});

afterAll(async () => {
  await mesh?.stop();
  await Promise.all(closing.map((close) => close()));
});

function healthCheck(service: string, conf: object): Promise<string> {
  const to = [{ targetRef: { kind: 'MeshService', name: service }, default: { interval: '200ms', timeout: '1s', ...conf } }];
  return mesh.controlPlane.apply(
    JSON.stringify({
      type: 'MeshHealthCheck',
      mesh: 'default',
      name: `check-${service}`,
      spec: { targetRef: { kind: 'Mesh' }, to },
    }),
  );
}

/** Connections that the first endpoint of backend has taken so far. */
async function connectionsToOne(): Promise<number> {
  const stats = await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'one', '--type=stats']);
  const total = new RegExp(`^listener\\.127\\.0\\.0\\.1_${inbounds[0]}\\.downstream_cx_total: (\\d+)$`, 'm').exec(stats);
  expect(total).not.toBeNull();
  return Number(total![1]);
}

/** Who answers a dozen requests. */
async function answers(service: string): Promise<Set<string>> {
  const all = await Promise.all(Array.from({ length: 12 }, () => ask(outbound(service))));
  return new Set(all.map(({ status, body }) => (status === 200 ? body : String(status))));
}

/** Who answers on a dozen connections. */
async function echoes(): Promise<Set<string>> {
  const all = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const client = new TcpClient(outbound('database'));
      const answer = await client.say('hello').catch(() => 'closed');
      client.close();
      return answer.split(':')[0]!;
    }),
  );
  return new Set(all);
}

/** Says of its health what the gRPC health protocol has for it, and its name to everything else. */
async function startGrpcService(name: string): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server: Http2Server = createServer((request, response) => {
    if (request.url !== '/grpc.health.v1.Health/Check') {
      response.end(name);
      return;
    }
    let asked = Buffer.alloc(0);
    request.on('data', (chunk: Buffer) => {
      asked = Buffer.concat([asked, chunk]);
    });
    request.on('end', () => {
      // SERVING is 1, NOT_SERVING 2; the service asked about stands behind five bytes of frame and two of field.
      const serving = asked.subarray(7).toString() === 'pets' && !sick.has(name);
      response.writeHead(200, { 'content-type': 'application/grpc' });
      response.write(Buffer.from([0, 0, 0, 0, 2, 8, serving ? 1 : 2]));
      response.addTrailers({ 'grpc-status': '0' });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

test('an endpoint whose HTTP probe fails gets no requests, until it answers again', async () => {
  const eventLog = join(mesh.controlPlane.workDir, 'health.log');
  await healthCheck('backend', {
    unhealthyThreshold: 1,
    eventLogPath: eventLog,
    alwaysLogHealthCheckFailures: true,
    reuseConnection: false,
    http: { path: '/health', expectedStatuses: [204], requestHeadersToAdd: { set: [{ name: 'x-probe', value: '100%' }] } },
  });
  await eventually('a probe', () => {
    const probe = web[1]!.requests.find(({ url }) => url === '/health');
    expect(probe?.headers['x-probe']).toBe('100%');
  });
  sick.add('two');
  await eventually('one endpoint being left out', async () => expect(await answers('backend')).toEqual(new Set(['one'])));
  expect(await answers('backend')).toEqual(new Set(['one']));
  await eventually('several failures in the log of events', () => {
    expect(existsSync(eventLog)).toBe(true);
    const events = readFileSync(eventLog, 'utf8').trim().split('\n');
    expect(events.filter((event) => 'health_check_failure_event' in (JSON.parse(event) as object)).length).toBeGreaterThan(1);
  });
  sick.delete('two');
  await eventually('the endpoint being back', async () => expect(await answers('backend')).toEqual(new Set(names)));
});

test('probes share a connection, unless each should have one of its own', async () => {
  const jitters = { initialJitter: '50ms', intervalJitter: '20ms', intervalJitterPercent: 10 };
  const probes = (path: string) => web[0]!.requests.filter(({ url }) => url === path).length;
  for (const { path, reuseConnection } of [
    { path: '/shared', reuseConnection: true },
    { path: '/own', reuseConnection: false },
  ]) {
    await healthCheck('backend', { ...jitters, reuseConnection, http: { path, expectedStatuses: [200] } });
    await eventually('a probe', () => expect(probes(path)).toBeGreaterThan(0));
    const before = await connectionsToOne();
    const begun = probes(path);
    await eventually('further probes', () => expect(probes(path)).toBeGreaterThan(begun + 5));
    const more = (await connectionsToOne()) - before;
    if (reuseConnection) expect(more).toBe(0);
    else expect(more).toBeGreaterThan(4);
  }
});

test('where all endpoints fail, all are called, unless that should fail', async () => {
  const conf = { unhealthyThreshold: 1, http: { path: '/health', expectedStatuses: [204] } };
  await healthCheck('backend', { ...conf, failTrafficOnPanic: true });
  for (const name of names) sick.add(name);
  await eventually('requests being refused', async () => expect(await answers('backend')).toEqual(new Set(['503'])));
  await healthCheck('backend', conf);
  await eventually('requests being sent all the same', async () => expect(await answers('backend')).toEqual(new Set(names)));
  sick.clear();
});

test('how many have to be well for the others to be left out is the panic threshold', async () => {
  await healthCheck('backend', { unhealthyThreshold: 1, http: { path: '/health', expectedStatuses: [204] } });
  const threshold = (healthyPanicThreshold: number) => {
    const to = [
      { targetRef: { kind: 'MeshService', name: 'backend' }, default: { outlierDetection: { healthyPanicThreshold } } },
    ];
    return mesh.controlPlane.apply(JSON.stringify({ type: 'MeshCircuitBreaker', mesh: 'default', name: 'panic', spec: { to } }));
  };
  sick.add('two');
  await threshold(60);
  await eventually('half not being enough', async () => expect(await answers('backend')).toEqual(new Set(names)));
  await threshold(40);
  await eventually('half being enough', async () => expect(await answers('backend')).toEqual(new Set(['one'])));
  await threshold(60);
  await eventually('half not being enough', async () => expect(await answers('backend')).toEqual(new Set(names)));
  sick.clear();
  await mesh.controlPlane.kumactl(['delete', 'meshcircuitbreaker', 'panic']);
});

test('an endpoint whose TCP probe hears something else gets no connections', async () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  await healthCheck('database', {
    unhealthyThreshold: 1,
    tcp: { send: base64('ping'), receive: [base64('two'), base64('ping')] },
  });
  await eventually('one endpoint being left out', async () => expect(await echoes()).toEqual(new Set(['two'])));
  await healthCheck('database', { tcp: {} });
  await eventually('a connection being enough', async () => expect(await echoes()).toEqual(new Set(names)));
});

test('an endpoint that says by gRPC that it does not serve gets no calls', async () => {
  await healthCheck('pets', { unhealthyThreshold: 1, grpc: { serviceName: 'pets' } });
  sick.add('one');
  await eventually('one endpoint being left out', async () => expect(await answers('pets')).toEqual(new Set(['two'])));
  sick.delete('one');
  await eventually('the endpoint being back', async () => expect(await answers('pets')).toEqual(new Set(names)));
});

test('an endpoint that should take no traffic gets none, though its probes succeed', async () => {
  await healthCheck('backend', { tcp: {}, http: { disabled: true } });
  const service = await startHttpService('three');
  closing.push(service.close);
  await mesh.join({ name: 'three', inbound: [{ service: 'backend', servicePort: service.port }] });
  await eventually('the third endpoint', async () => expect(await answers('backend')).toEqual(new Set([...names, 'three'])));
  const dataplane = JSON.parse(await mesh.controlPlane.kumactl(['get', 'dataplane', 'three', '-o', 'json']));
  dataplane.networking.inbound[0].state = 'NotReady';
  await mesh.controlPlane.apply(JSON.stringify(dataplane));
  await eventually('the others alone', async () => expect(await answers('backend')).toEqual(new Set(names)));
});
