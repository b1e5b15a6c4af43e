import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import type { DiscoveryRequest, DiscoveryResponse } from '@kuma-mesh/envoy-api/generated/envoy/service/discovery/v3/discovery.ts';
import { pino } from 'pino';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { followStore } from '../feed/follow-store.ts';
import { pool, startControlPlane, type TestControlPlane } from '../sessions/testing/control-plane.ts';
import { serverCertificate } from '../stream/testing/server-certificate.ts';
import { MonitoringAssignments } from './assignments.ts';
import { monitoringAssignmentDiscovery } from './grpc-service.ts';
import { type MadsServer, startMadsServer } from './mads-server.ts';

let cp: TestControlPlane;
let assignments: MonitoringAssignments;
let server: MadsServer;
let unfollow: () => void;
const log = pino({ level: 'silent' });

beforeEach(async () => {
  cp = await startControlPlane();
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: {} });
  assignments = new MonitoringAssignments({ meshes: cp.pipeline, interval: 5 });
  unfollow = await followStore(cp.store, [assignments]);
  server = await startMadsServer({ port: 0, assignments, fetchTimeout: 20, log });
});
afterEach(async () => {
  await server.close();
  unfollow();
  assignments.close();
  await cp.close();
});
afterAll(() => pool.close());

const dataplane = (name: string, mesh = 'default', networking: object = {}) =>
  cp.put({
    type: 'Dataplane',
    mesh,
    name,
    spec: {
      networking: { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': `${name}-service` } }], ...networking },
    },
  });
const metric = (name: string, prometheus: object, { mesh = 'default', targetRef }: { mesh?: string; targetRef?: object } = {}) =>
  cp.put({
    type: 'MeshMetric',
    mesh,
    name,
    spec: { ...(targetRef && { targetRef }), default: { backends: [{ type: 'Prometheus', prometheus }] } },
  });

interface Answer {
  readonly status: number;
  readonly version: string;
  readonly addresses: readonly string[];
  readonly body: string;
}

const agent = new Agent({ keepAlive: true });
afterAll(() => agent.destroy());

function fetchAs(client: string, version = '', query = '', body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const path = `/v3/discovery:monitoringassignments${query}`;
    const call = request(
      { port: server.port, method: 'POST', path, agent, headers: { 'content-type': 'application/json' } },
      async (response) => {
        const answer = await text(response);
        const json = response.statusCode === 200 ? JSON.parse(answer) : { resources: [] };
        const targets = json.resources.flatMap((resource: { targets: object[] }) => resource.targets);
        const addresses = targets.map(({ address }: { address: string }) => address);
        resolve({ status: response.statusCode!, version: json.version_info ?? '', addresses, body: answer });
      },
    );
    call.on('error', reject);
    call.end(body ?? JSON.stringify({ version_info: version, node: { id: client }, type_url: 'ignored' }));
  });
}

describe('over HTTP', () => {
  test('an assignment says what Prometheus needs to know of a proxy', async () => {
    await dataplane('web');
    await metric('everywhere', {});
    const { status, body } = await fetchAs('prometheus');
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      version_info: expect.any(String),
      nonce: expect.any(String),
      type_url: 'type.googleapis.com/kuma.observability.v1.MonitoringAssignment',
      resources: [
        {
          '@type': 'type.googleapis.com/kuma.observability.v1.MonitoringAssignment',
          mesh: 'default',
          service: 'web-service',
          labels: {},
          targets: [{ name: 'web', scheme: 'http', address: '10.0.0.1:5670', metrics_path: '/metrics', labels: {} }],
        },
      ],
    });
  });

  test('port, path, TLS and the advertised address come from policy and Dataplane', async () => {
    await dataplane('web', 'default', { address: 'fd00::1', advertisedAddress: 'fd00::2' });
    await metric('everywhere', { port: 1234, path: '/m', tls: { mode: 'ProvidedTLS' } });
    const { body } = await fetchAs('prometheus');
    expect(JSON.parse(body).resources[0].targets).toEqual([
      { name: 'web', scheme: 'https', address: '[fd00::2]:1234', metrics_path: '/m', labels: {} },
    ]);
  });

  test('a client that a policy names gets what is for it, and others what is for nobody in particular', async () => {
    await dataplane('web');
    await dataplane('api');
    await metric('everywhere', { port: 1000 });
    await metric('of-web', { port: 2000, clientId: 'second' }, { targetRef: { kind: 'Dataplane', name: 'web' } });
    await metric('of-nobody', { clientId: 'third' }, { targetRef: { kind: 'Dataplane', name: 'nobody' } });
    expect((await fetchAs('some-host')).addresses).toEqual(['10.0.0.1:1000']);
    expect((await fetchAs('second')).addresses).toEqual(['10.0.0.1:2000']);
    expect((await fetchAs('third')).addresses).toEqual([]);
  });

  test('all meshes are assigned, and a deleted one is not', async () => {
    await cp.put({ type: 'Mesh', mesh: '', name: 'other', spec: {} });
    await dataplane('web');
    await metric('everywhere', {});
    await metric('everywhere', { port: 1 }, { mesh: 'other' });
    await dataplane('api', 'other');
    expect((await fetchAs('p')).addresses).toEqual(['10.0.0.1:5670', '10.0.0.1:1']);
    await cp.writer.delete({ type: 'Dataplane', mesh: 'other', name: 'api' });
    await cp.writer.delete({ type: 'Mesh', mesh: '', name: 'other' });
    expect((await fetchAs('p')).addresses).toEqual(['10.0.0.1:5670']);
  });

  test('who knows all waits for a change, and hears of it', async () => {
    await metric('everywhere', {});
    const { version } = await fetchAs('p');
    const waiting = fetchAs('p', version, '?fetch-timeout=2m0s');
    await dataplane('web');
    expect(await waiting).toMatchObject({ status: 200, addresses: ['10.0.0.1:5670'] });
  });

  test('who waits is not woken by what concerns others, and hears at last that nothing changed', async () => {
    await dataplane('web');
    await metric('everywhere', {});
    const { version } = await fetchAs('p');
    const waiting = fetchAs('p', version, '?fetch-timeout=200ms');
    await metric('of-second', { clientId: 'second' }, { targetRef: { kind: 'Dataplane', name: 'nobody' } });
    expect(await waiting).toMatchObject({ status: 304, body: '' });
    expect(await fetchAs('p', version, '?fetch-timeout=0s')).toMatchObject({ status: 304 });
    expect(await fetchAs('p', version)).toMatchObject({ status: 304 });
  });

  test('the version is that of the content, whatever came in between', async () => {
    await dataplane('web');
    await metric('everywhere', {});
    const { version } = await fetchAs('p');
    await metric('everywhere', { port: 1 });
    expect((await fetchAs('p')).version).not.toBe(version);
    await metric('everywhere', {});
    expect((await fetchAs('p')).version).toBe(version);
  });

  test.each<[string, string, string | undefined, number]>([
    ['no JSON', '', 'nonsense', 400],
    ['no object', '', 'null', 400],
    ['too much', '', `"${'x'.repeat(100_000)}"`, 400],
    ['no duration', '?fetch-timeout=soon', undefined, 400],
  ])('%s is refused with a reason', async (_, query, body, status) => {
    const answer = await fetchAs('p', '', query, body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ type: '/std-errors', status, detail: expect.any(String) });
  });

  test('who waits when the control plane stops is answered', async () => {
    const { version } = await fetchAs('p');
    const waiting = fetchAs('p', version, '?fetch-timeout=2m0s');
    // Asked later and answered: the one before is waiting.
    await fetchAs('p');
    await server.close();
    expect(await waiting).toMatchObject({ status: 304 });
  });
});

describe('as plain targets', () => {
  const targets = async (query = '') => (await fetch(`http://127.0.0.1:${server.port}/targets${query}`)).json();

  test('proxies have the labels that discovery would give them', async () => {
    await dataplane('web');
    await metric('everywhere', { path: '/m', tls: { mode: 'ProvidedTLS' } });
    expect(await targets()).toEqual([
      {
        targets: ['10.0.0.1:5670'],
        labels: {
          __scheme__: 'https',
          __metrics_path__: '/m',
          __meta_kuma_mesh: 'default',
          __meta_kuma_dataplane: 'web',
          __meta_kuma_service: 'web-service',
          instance: 'web',
        },
      },
    ]);
  });

  test('a client says in the query who it is', async () => {
    await dataplane('web');
    await metric('everywhere', { port: 2000, clientId: 'second' });
    expect(await targets()).toEqual([]);
    expect(await targets('?client_id=second')).toEqual([expect.objectContaining({ targets: ['10.0.0.1:2000'] })]);
  });

  test.each([
    ['POST', '/targets', 405],
    ['GET', '/v3/discovery:monitoringassignments', 405],
    ['GET', '/', 404],
  ])('%s %s is refused', async (method, path, status) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining({ detail: expect.any(String) })]);
  });
});

type Stream = ClientDuplexStream<DiscoveryRequest, DiscoveryResponse>;

async function next(stream: Stream): Promise<DiscoveryResponse> {
  const [response] = (await once(stream, 'data')) as [DiscoveryResponse];
  return response;
}

/** Fields of a message by number, each as text. */
function fieldsOf(bytes: Uint8Array): Record<number, string> {
  const fields: Record<number, string> = {};
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at + 1]!;
    fields[bytes[at]! >> 3] = Buffer.from(bytes.subarray(at + 2, at + 2 + length)).toString('latin1');
    at += 2 + length;
  }
  return fields;
}

describe('over gRPC', () => {
  const { streamMonitoringAssignments: method } = monitoringAssignmentDiscovery;
  const open = (client: Client): Stream =>
    client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize);
  const typeUrl = 'type.googleapis.com/kuma.observability.v1.MonitoringAssignment';

  test('a stream carries assignments, and each change once the last one was acknowledged', async () => {
    await dataplane('web');
    await metric('everywhere', {});
    const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
    const stream = open(client);
    stream.on('error', () => {});
    stream.write({ node: { id: 'p' } as never, typeUrl });
    const first = await next(stream);
    expect(first.typeUrl).toBe(typeUrl);
    const assignment = fieldsOf(first.resources![0]!.value!);
    expect(assignment).toMatchObject({ 2: 'default', 3: 'web-service' });
    expect(fieldsOf(Buffer.from(assignment[4]!, 'latin1'))).toEqual({ 1: 'web', 2: 'http', 3: '10.0.0.1:5670', 4: '/metrics' });
    stream.write({ versionInfo: first.versionInfo!, responseNonce: first.nonce!, typeUrl });
    const second = next(stream);
    await dataplane('api');
    expect((await second).resources).toHaveLength(2);
    stream.cancel();
    client.close();
  });

  test('one call gets one answer, the same as over HTTP', async () => {
    await dataplane('web');
    await metric('everywhere', {});
    const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
    const fetch = monitoringAssignmentDiscovery.fetchMonitoringAssignments;
    const asked: DiscoveryRequest = { node: { id: 'p' } as never, typeUrl };
    const response = await new Promise<DiscoveryResponse>((resolve, reject) => {
      client.makeUnaryRequest(fetch.path, fetch.requestSerialize, fetch.responseDeserialize, asked, (error, answer) =>
        error ? reject(error) : resolve(answer!),
      );
    });
    expect(response.versionInfo).toBe((await fetchAs('p')).version);
    client.close();
  });
});

test('the port speaks TLS where it shall, HTTP and gRPC alike', async () => {
  const { certificate: cert, privateKey: key } = await serverCertificate;
  const tls = { cert, key, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } as const;
  await using secured = await startMadsServer({ port: 0, tls, assignments, fetchTimeout: 20, log }).then((started) => ({
    ...started,
    [Symbol.asyncDispose]: () => started.close(),
  }));
  const client = new Client(`localhost:${secured.port}`, credentials.createSsl(Buffer.from(cert)));
  const { streamMonitoringAssignments: method } = monitoringAssignmentDiscovery;
  const stream: Stream = client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize);
  stream.on('error', () => {});
  stream.write({ node: { id: 'p' } as never });
  expect((await next(stream)).resources).toEqual([]);
  stream.cancel();
  client.close();
  // As Prometheus does.
  const either = connectTls({ port: secured.port, host: 'localhost', ca: cert, ALPNProtocols: ['h2', 'http/1.1'] });
  await once(either, 'secureConnect');
  expect(either.alpnProtocol).toBe('http/1.1');
  either.end('GET /targets HTTP/1.1\r\nhost: localhost\r\n\r\n');
  expect(await text(either)).toMatch(/^HTTP\/1.1 200 OK\r\n.*\[\]/s);
  const plain = connect(secured.port, '127.0.0.1');
  plain.write('POST /v3/discovery:monitoringassignments HTTP/1.1\r\nhost: a\r\n\r\n');
  const [data] = await Promise.race([once(plain, 'data'), once(plain, 'close').then(() => [Buffer.alloc(0)])]);
  expect(String(data)).not.toContain('HTTP/1.1');
});
