import { status } from '@grpc/grpc-js';
import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { describe, expect, test } from 'vitest';
import { deltaClient, sotwClient, testNode } from './testing/ads-client.ts';
import { connectHangingPeer } from './testing/hanging-peer.ts';
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
  const big = (round: number) => endpoints('a', ...Array.from({ length: 60_000 }, (_, port) => ((port + round) % 65_000) + 1));
  server.sessions.initial = proxyOf(endpoints('a', 1));
  await using client = deltaClient(server);
  client.send({ node: testNode, typeUrl: eds, resourceNamesSubscribe: ['a'] });
  const session = await server.sessions.nth(0);
  const ackNext = async () => {
    const { typeUrl, nonce, resources } = await client.next();
    client.send({ typeUrl, responseNonce: nonce });
    return resources![0]!.version;
  };
  await ackNext();
  await session.until(({ kind }) => kind === 'acknowledged');
  client.call.pause();
  for (let round = 1; round <= 20; round += 1) {
    session.config = proxyOf(big(round));
    // Subscribing again would have the resource sent again, were it not for the one that is under way.
    client.send({ typeUrl: eds, resourceNamesSubscribe: ['a'] });
  }
  // The peer asks for another type in the meantime: the socket takes no more, so that is not written either.
  await session.until(({ kind }) => kind === 'sent', session.told.length - 1);
  expect(session.told.filter(({ kind }) => kind === 'sent')).toHaveLength(2);
  client.call.resume();
  await ackNext();
  expect(await ackNext()).toBe(big(20).version);
});

test('a peer that comes back while its old connection hangs is told apart by its answer to a ping', async () => {
  await using server = await startTestServer({ limits: { aliveTimeout: 50 } });
  await using hanging = await connectHangingPeer(server);
  const first = await server.sessions.nth(0);
  hanging.stopReading();
  expect(await first.node.alive!()).toBe(false);
  await first.until(({ kind }) => kind === 'closed');
});

test('a connection whose peer no longer answers pings is ended', async () => {
  await using server = await startTestServer({ limits: { keepaliveInterval: 50, keepaliveTimeout: 50 } });
  await using hanging = await connectHangingPeer(server);
  const session = await server.sessions.nth(0);
  hanging.stopReading();
  await session.until(({ kind }) => kind === 'closed');
});

test('a stream stays while its peer is merely silent', async () => {
  await using server = await startTestServer({ limits: { keepaliveInterval: 20, keepaliveTimeout: 1_000, idleTimeout: 20 } });
  server.sessions.initial = proxyOf(cluster('a'));
  await using client = deltaClient(server);
  client.send({ node: testNode, typeUrl: cds });
  await client.next();
  const session = await server.sessions.nth(0);
  for (let pings = 0; pings < 10; pings += 1) {
    expect(await session.node.alive!()).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(client.status).toBeUndefined();
});
