import type { DiscoveryRequest, DiscoveryResponse } from '@kuma-mesh/envoy-api/discovery.ts';
import { ClusterLoadAssignment } from '@kuma-mesh/envoy-api/generated/envoy/config/endpoint/v3/endpoint.ts';
import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AdsClient, sotwClient, testNode } from './testing/ads-client.ts';
import { nameOf } from './testing/decoded.ts';
import type { MemorySession } from './testing/memory-sessions.ts';
import { cluster, endpoints, proxyOf, route, tcpListener, unencodable } from './testing/resources.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

const { cluster: cds, endpoints: eds, listener: lds, route: rds } = typeUrls;

describe('state-of-the-world ADS', () => {
  let server: TestServer;
  let client: AdsClient<DiscoveryRequest, DiscoveryResponse>;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(() => {
    client = sotwClient(server);
    server.sessions.opened.length = 0;
    server.sessions.initial = undefined;
    return () => client[Symbol.asyncDispose]();
  });

  const session = (): Promise<MemorySession> => server.sessions.nth(0);
  const ask = (typeUrl: string, ...resourceNames: string[]): void => client.send({ node: testNode, typeUrl, resourceNames });
  const ack = ({ typeUrl, nonce, versionInfo }: DiscoveryResponse, ...resourceNames: string[]): void =>
    client.send({ typeUrl, responseNonce: nonce, versionInfo, resourceNames });
  const nack = ({ typeUrl, nonce }: DiscoveryResponse, message: string, ...resourceNames: string[]): void =>
    client.send({ typeUrl, responseNonce: nonce, resourceNames, errorDetail: { code: 13, message } });
  const said = ({ typeUrl, resources = [] }: DiscoveryResponse) => ({ typeUrl, names: resources.map(nameOf) });
  const nothingComes = async (): Promise<void> => {
    const typeUrl = 'type.googleapis.com/test.Probe';
    const name = String(Math.random());
    ask(typeUrl, name);
    const answer = await client.next();
    expect(answer.typeUrl).toBe(typeUrl);
    ack(answer, name);
  };

  test('gives all clusters, and all again when one changes', async () => {
    server.sessions.initial = proxyOf(cluster('a'), cluster('b'));
    ask(cds);
    const first = await client.next();
    expect(said(first)).toEqual({ typeUrl: cds, names: ['a', 'b'] });
    ack(first);
    (await session()).config = proxyOf(cluster('a'), cluster('b', { connectTimeout: '1s' }));
    const second = await client.next();
    expect(said(second)).toEqual({ typeUrl: cds, names: ['a', 'b'] });
    expect(second.versionInfo).not.toBe(first.versionInfo);
  });

  test('gives of what cannot be encoded any more the version before', async () => {
    const [a, b] = [cluster('a'), cluster('b')];
    server.sessions.initial = proxyOf(a, unencodable(cds, 'b'));
    ask(cds);
    const first = await client.next();
    expect(said(first)).toEqual({ typeUrl: cds, names: ['a'] });
    ack(first);
    (await session()).config = proxyOf(a, b);
    ack(await client.next());
    (await session()).config = proxyOf(cluster('a', { connectTimeout: '1s' }), unencodable(cds, 'b'));
    const third = await client.next();
    expect(third.resources![1]!.value).toEqual(Buffer.from(b.bytes));
  });

  test('says the same version for the same content', async () => {
    server.sessions.initial = proxyOf(cluster('a'), cluster('b'));
    ask(cds);
    await using other = sotwClient(server);
    other.send({ node: testNode, typeUrl: cds });
    expect((await other.next()).versionInfo).toBe((await client.next()).versionInfo);
  });

  test('answers when there is nothing', async () => {
    server.sessions.initial = proxyOf();
    ask(cds);
    expect(said(await client.next())).toEqual({ typeUrl: cds, names: [] });
    ask(rds, 'r');
    expect(said(await client.next())).toEqual({ typeUrl: rds, names: [] });
  });

  test('says of endpoints that there are none, once, and gives them when there are: Envoy waits for an answer', async () => {
    server.sessions.initial = proxyOf(cluster('a'));
    ask(cds);
    ack(await client.next());
    ask(eds, 'a');
    const none = await client.next();
    expect(said(none)).toEqual({ typeUrl: eds, names: ['a'] });
    expect(ClusterLoadAssignment.decode(none.resources![0]!.value!)).toMatchObject({ clusterName: 'a', endpoints: [] });
    ack(none, 'a');
    await nothingComes();
    (await session()).config = proxyOf(cluster('a'), endpoints('a', 1));
    const some = await client.next();
    expect(ClusterLoadAssignment.decode(some.resources![0]!.value!).endpoints).toHaveLength(1);
  });

  test('gives endpoints of the names asked for, and of changed ones alone afterwards', async () => {
    server.sessions.initial = proxyOf(endpoints('a', 1), endpoints('b', 1), endpoints('c', 1));
    ask(eds, 'a', 'b');
    const first = await client.next();
    expect(said(first)).toEqual({ typeUrl: eds, names: ['a', 'b'] });
    ack(first, 'a', 'b');
    (await session()).config = proxyOf(endpoints('a', 1), endpoints('b', 2), endpoints('c', 2));
    const second = await client.next();
    expect(said(second)).toEqual({ typeUrl: eds, names: ['b'] });
    ack(second, 'a', 'b');
    await nothingComes();
  });

  test('answers a request that asks for what is known, as Envoy makes one for a cluster that it warms', async () => {
    server.sessions.initial = proxyOf(endpoints('a', 1));
    ask(eds, 'a');
    const first = await client.next();
    ack(first, 'a');
    ack(first, 'a');
    const second = await client.next();
    expect(said(second)).toEqual({ typeUrl: eds, names: ['a'] });
    ack(second, 'a');
    await nothingComes();
  });

  test('a request that only drops names is not answered', async () => {
    server.sessions.initial = proxyOf(endpoints('a', 1), endpoints('b', 1));
    ask(eds, 'a', 'b');
    const first = await client.next();
    ack(first, 'a', 'b');
    ack(first, 'a');
    await nothingComes();
    (await session()).config = proxyOf(endpoints('a', 1), endpoints('b', 2));
    await nothingComes();
  });

  test('ignores a request that was written before what is under way arrived', async () => {
    server.sessions.initial = proxyOf(endpoints('a', 1), endpoints('b', 1));
    ask(eds, 'a');
    const first = await client.next();
    ack(first, 'a');
    (await session()).config = proxyOf(endpoints('a', 2), endpoints('b', 1));
    const second = await client.next();
    ack(first, 'a', 'b');
    await nothingComes();
    ack(second, 'a', 'b');
    expect(said(await client.next())).toEqual({ typeUrl: eds, names: ['b'] });
  });

  test('makes before it breaks: a cluster stays until no listener or route can use it', async () => {
    server.sessions.initial = proxyOf(cluster('old'), endpoints('old', 1), tcpListener('in', 1, 'old'), route('r', 'old'));
    for (const [typeUrl, ...names] of [[cds], [eds, 'old'], [lds], [rds, 'r']] as const) {
      ask(typeUrl, ...names);
      ack(await client.next(), ...names);
    }
    (await session()).config = proxyOf(cluster('new'), endpoints('new', 1), tcpListener('in', 1, 'new'), route('r', 'new'));
    const clusters = await client.next();
    expect(said(clusters)).toEqual({ typeUrl: cds, names: ['old', 'new'] });
    client.send({ typeUrl: eds, responseNonce: '2', resourceNames: ['old', 'new'] });
    ack(clusters);
    const itsEndpoints = await client.next();
    expect(said(itsEndpoints).typeUrl).toBe(eds);
    expect(said(itsEndpoints).names).toContain('new');
    ack(itsEndpoints, 'old', 'new');
    const listeners = await client.next();
    expect(said(listeners)).toEqual({ typeUrl: lds, names: ['in'] });
    const routes = await client.next();
    expect(said(routes)).toEqual({ typeUrl: rds, names: ['r'] });
    ack(listeners);
    await nothingComes();
    ack(routes, 'r');
    expect(said(await client.next())).toEqual({ typeUrl: cds, names: ['new'] });
  });

  describe('when a response is refused', () => {
    test('a held back resource is stated in its last accepted version, or left out', async () => {
      const accepted = tcpListener('a', 1, 'c');
      server.sessions.initial = proxyOf(accepted);
      ask(lds);
      ack(await client.next());
      const next = tcpListener('b', 1, 'c');
      (await session()).config = proxyOf(tcpListener('a', 2, 'c'), next, tcpListener('fresh', 3, 'c'));
      nack(await client.next(), 'Error adding/updating listener(s) a: no\nfresh: no\n');
      const rest = await client.next();
      expect(said(rest)).toEqual({ typeUrl: lds, names: ['a', 'b'] });
      expect(rest.resources!.map(({ value }) => Buffer.from(value!))).toEqual([
        Buffer.from(accepted.bytes),
        Buffer.from(next.bytes),
      ]);
      ack(rest);
      await nothingComes();
      expect((await session()).told).toContainEqual(expect.objectContaining({ kind: 'rejected', names: ['a', 'fresh'] }));
    });

    test('finds a culprit that Envoy does not name', async () => {
      server.sessions.initial = proxyOf(...['a', 'b', 'c'].map((name) => cluster(name)));
      ask(cds);
      for (;;) {
        const response = await client.next();
        const { names } = said(response);
        if (!names.includes('b')) {
          ack(response);
          if (names.length === 2) {
            break;
          }
        } else {
          nack(response, 'proto constraint validation failed');
        }
      }
      const withoutIt = await client.next();
      expect(said(withoutIt)).toEqual({ typeUrl: cds, names: ['a', 'c'] });
      ack(withoutIt);
      await nothingComes();
      expect((await session()).told.findLast(({ kind }) => kind === 'rejected')).toMatchObject({ names: ['b'] });
    });

    test('tries again when the content changes', async () => {
      server.sessions.initial = proxyOf(cluster('a'));
      ask(cds);
      nack(await client.next(), 'no');
      const withoutIt = await client.next();
      expect(said(withoutIt)).toEqual({ typeUrl: cds, names: [] });
      ack(withoutIt);
      await nothingComes();
      (await session()).config = proxyOf(cluster('a', { connectTimeout: '2s' }));
      const response = await client.next();
      expect(said(response)).toEqual({ typeUrl: cds, names: ['a'] });
      ack(response);
      await (await session()).until((told) => told.kind === 'acknowledged' && told.names.includes('a'));
    });
  });
});
