import { status } from '@grpc/grpc-js';
import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { describe, expect, test } from 'vitest';
import { deltaClient, sotwClient, testNode } from './testing/ads-client.ts';
import { startRelay } from './testing/relay.ts';
import { cluster, endpoints, proxyOf } from './testing/resources.ts';
import { startTestServer } from './testing/test-server.ts';

const { cluster: cds, endpoints: eds } = typeUrls;
const clients = { delta: deltaClient, sotw: sotwClient };

describe.each(['delta', 'sotw'] as const)('a stream of %s ADS', (form) => {
  test('tells the session who the proxy is, and takes the token out of sight', async () => {
    await using server = await startTestServer();
    await using client = clients[form](server, 'the.token');
    const dataplane = {
      type: 'Dataplane',
      mesh: 'default',
      name: 'web.1',
      labels: { app: 'web' },
      networking: { address: '127.0.0.1', inbound: [{ port: 80 }] },
    };
    client.send({
      node: {
        id: 'default.web.1',
        cluster: 'web',
        metadata: {
          'dataplane.resource': JSON.stringify(dataplane),
          'dataplane.proxyType': 'dataplane',
          'dataplane.admin.port': '9901',
          'dataplane.token': 'the.token',
          features: ['feature-reuse-port'],
          version: { kumaDp: { version: '2.14.0' }, envoy: { version: '1.40.0' } },
        },
      },
      typeUrl: cds,
    });
    const { node } = await server.sessions.nth(0);
    expect(node).toMatchObject({
      mesh: 'default',
      name: 'web.1',
      token: 'the.token',
      proxyType: 'dataplane',
      features: new Set(['feature-reuse-port']),
      version: { kumaDp: { version: '2.14.0' }, envoy: { version: '1.40.0' } },
      dataplane: {
        type: 'Dataplane',
        mesh: 'default',
        name: 'web.1',
        labels: { app: 'web' },
        spec: { networking: dataplane.networking },
      },
    });
    expect(node.metadata).toMatchObject({ 'dataplane.admin.port': '9901' });
    expect(JSON.stringify(node.metadata)).not.toContain('the.token');
  });

  test('ends with status UNKNOWN and the reason when the session is refused', async () => {
    await using server = await startTestServer();
    server.sessions.refuse = () => 'the dataplane token is not valid';
    await using client = clients[form](server, 'bad');
    client.send({ node: testNode, typeUrl: cds });
    expect(await client.ended()).toMatchObject({ code: status.UNKNOWN, details: 'the dataplane token is not valid' });
  });

  test.each([
    [{}, /node/],
    [{ node: { id: 'no-mesh' } }, /<mesh>\.<name>/],
    [{ node: { id: 'default.' } }, /<mesh>\.<name>/],
    [{ node: { id: 'default.zone', metadata: { 'dataplane.proxyType': 'ingress' } } }, /ingress/],
    [{ node: { id: 'default.web', metadata: { 'dataplane.resource': '{' } } }, /dataplane\.resource/],
    [{ node: { id: 'default.web', metadata: { 'dataplane.resource': '{"name":"other"}' } } }, /other/],
  ])('refuses a first request of %j', async (request, reason) => {
    await using server = await startTestServer();
    await using client = clients[form](server);
    client.send({ ...request, typeUrl: cds });
    const end = await client.ended();
    expect(end.code).toBe(status.UNKNOWN);
    expect(end.details).toMatch(reason);
    expect(server.sessions.opened).toEqual([]);
  });

  test('ends when no request comes', async () => {
    await using server = await startTestServer({ limits: { firstRequestTimeout: 20 } });
    await using client = clients[form](server);
    expect((await client.ended()).code).toBe(status.DEADLINE_EXCEEDED);
  });

  test('closes its session when the peer ends it, and when the peer breaks off', async () => {
    await using server = await startTestServer();
    await using ends = clients[form](server);
    ends.send({ node: testNode, typeUrl: cds });
    const first = await server.sessions.nth(0);
    ends.call.end();
    await first.until(({ kind }) => kind === 'closed');
    expect((await ends.ended()).code).toBe(status.OK);

    await using breaksOff = clients[form](server);
    breaksOff.send({ node: testNode, typeUrl: cds });
    const second = await server.sessions.nth(1);
    breaksOff.call.cancel();
    await second.until(({ kind }) => kind === 'closed');
    expect(second.told.filter(({ kind }) => kind === 'closed')).toHaveLength(1);
  });

  test('ends with UNAVAILABLE when the control plane stops', async () => {
    await using server = await startTestServer();
    await using client = clients[form](server);
    client.send({ node: testNode, typeUrl: cds });
    const session = await server.sessions.nth(0);
    await server.server.close(5_000);
    expect((await client.ended()).code).toBe(status.UNAVAILABLE);
    await session.until(({ kind }) => kind === 'closed');
  });

  test('ends alone when something goes wrong on it', async () => {
    await using server = await startTestServer();
    server.sessions.initial = proxyOf(cluster('a'));
    await using client = clients[form](server);
    client.send({ node: testNode, typeUrl: cds });
    const session = await server.sessions.nth(0);
    session.onTold = () => {
      throw new Error('the session fails');
    };
    client.send({ typeUrl: cds, responseNonce: (await client.next()).nonce });
    expect((await client.ended()).code).toBe(status.INTERNAL);
    await using other = clients[form](server);
    other.send({ node: testNode, typeUrl: cds });
    await other.next();
  });

  test('answers whether its peer is alive', async () => {
    await using server = await startTestServer();
    await using client = clients[form](server);
    client.send({ node: testNode, typeUrl: cds });
    const { node } = await server.sessions.nth(0);
    expect(await node.alive!()).toBe(true);
    client.call.end();
    await client[Symbol.asyncDispose]();
    await expect.poll(() => node.alive!()).toBe(false);
  });
});

test('a peer that does not read holds one response, and gets the newest state when it reads on', async () => {
  await using server = await startTestServer();
  await using relay = await startRelay(server.server.port);
  // More than HTTP/2 sends ahead to a peer that does not read.
  const big = endpoints('a', ...Array.from({ length: 30_000 }, (_, port) => port + 1));
  server.sessions.initial = proxyOf(endpoints('a', 1));
  await using client = deltaClient({ server: relay, certificate: server.certificate });
  client.send({ node: testNode, typeUrl: cds });
  const clusters = await client.next();
  client.send({ typeUrl: cds, responseNonce: clusters.nonce });
  client.send({ typeUrl: eds, resourceNamesSubscribe: ['a'] });
  const { nonce } = await client.next();
  client.send({ typeUrl: eds, responseNonce: nonce });
  const session = await server.sessions.nth(0);
  await session.until((told) => told.kind === 'acknowledged' && told.names.includes('a'));
  const sent = () => session.told.filter(({ kind }) => kind === 'sent').length;

  relay.stop();
  session.config = proxyOf(big);
  expect(sent()).toBe(3);
  // Another peer is served meanwhile, so that there was time to write.
  await using other = deltaClient(server);
  other.send({ node: { id: 'default.other' }, typeUrl: eds, resourceNamesSubscribe: ['a'] });
  await other.next();
  const newest = cluster('c9');
  for (let round = 1; round < 10; round += 1) {
    session.config = proxyOf(big, cluster(`c${round}`));
  }
  expect(sent()).toBe(3);

  relay.goOn();
  expect((await client.next()).typeUrl).toBe(eds);
  expect((await client.next()).resources).toMatchObject([{ name: 'c9', version: newest.version }]);
});

test.each([
  ['is asked', true, { aliveTimeout: 50 }],
  ['is pinged from time to time', false, { keepaliveInterval: 50, keepaliveTimeout: 50 }],
])('a peer whose connection hangs is cut off when it %s', async (_, asked, limits) => {
  await using server = await startTestServer({ limits });
  await using relay = await startRelay(server.server.port);
  await using client = deltaClient({ server: relay, certificate: server.certificate });
  client.send({ node: testNode, typeUrl: cds });
  const session = await server.sessions.nth(0);
  relay.stop();
  if (asked) {
    expect(await session.node.alive!()).toBe(false);
  }
  await session.until(({ kind }) => kind === 'closed');
});

test('a stream stays while its peer is merely silent', async () => {
  await using server = await startTestServer({ limits: { keepaliveInterval: 20, keepaliveTimeout: 1_000, idleTimeout: 20 } });
  server.sessions.initial = proxyOf(cluster('a'));
  await using client = deltaClient(server);
  client.send({ node: testNode, typeUrl: cds });
  await client.next();
  const session = await server.sessions.nth(0);
  for (const until = performance.now() + 200; performance.now() < until; ) {
    expect(await session.node.alive!()).toBe(true);
  }
  expect(client.status).toBeUndefined();
});
