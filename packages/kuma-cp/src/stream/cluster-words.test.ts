import type { DeltaDiscoveryResponse } from '@kuma-mesh/envoy-api/discovery.ts';
import { Cluster } from '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/cluster.ts';
import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { describe, expect, test } from 'vitest';
import { testNode } from './testing/ads-client.ts';
import { DeltaPeer, said } from './testing/delta-peer.ts';
import { cluster, endpoints, proxyOf } from './testing/resources.ts';

const { cluster: cds, endpoints: eds } = typeUrls;

const peer = new DeltaPeer();
const { session, ask, ack, nack, nothingComes } = peer;

test('sends the endpoints of a replaced cluster again, for Envoy warms it until they come', async () => {
  const named = { edsClusterConfig: { serviceName: 'b-endpoints', edsConfig: { ads: {}, resourceApiVersion: 'V3' } } };
  const all = [endpoints('a', 1), endpoints('b-endpoints', 1)];
  peer.server.sessions.initial = proxyOf(cluster('a'), cluster('b', named), ...all);
  ask(cds);
  ack(await peer.client.next());
  ask(eds, { resourceNamesSubscribe: ['a', 'b-endpoints'] });
  ack(await peer.client.next());
  (await session()).config = proxyOf(cluster('a'), cluster('b', { ...named, connectTimeout: '1s' }), ...all);
  expect(said(await peer.client.next())).toEqual({ typeUrl: cds, names: ['b'] });
  expect(said(await peer.client.next())).toEqual({ typeUrl: eds, names: ['b-endpoints'] });
});

describe('to an Envoy that remembers endpoints', () => {
  const node = { ...testNode, metadata: { version: { envoy: { version: '1.32.0' } } } };
  const wait = ({ resources = [] }: DeltaDiscoveryResponse) =>
    Cluster.decode(resources[0]!.resource!.value!).edsClusterConfig!.edsConfig!.initialFetchTimeout;

  test('sends a replaced cluster that takes those of before at once, and not the endpoints', async () => {
    peer.server.sessions.initial = proxyOf(cluster('a'), endpoints('a', 1));
    ask(cds, { node });
    const first = await peer.client.next();
    expect(wait(first)).toBeUndefined();
    ack(first);
    ask(eds, { resourceNamesSubscribe: ['a'] });
    ack(await peer.client.next());
    await nothingComes();
    const changed = cluster('a', { connectTimeout: '1s' });
    (await session()).config = proxyOf(changed, endpoints('a', 1));
    const second = await peer.client.next();
    expect(second.resources).toMatchObject([{ name: 'a', version: changed.version }]);
    expect(wait(second)).toMatchObject({ nanos: 1_000_000 });
    ack(second);
    await nothingComes();
  });

  test.each([
    ['has its endpoints itself', { type: 'STATIC', edsClusterConfig: undefined }],
    ['has its endpoints from elsewhere', { edsClusterConfig: { edsConfig: { resourceApiVersion: 'V3', self: {} } } }],
  ])(
    'sends endpoints again to a cluster that takes the place of one that %s, and may be about to give them up',
    async (_, own) => {
      peer.server.sessions.initial = proxyOf(cluster('a', own), endpoints('a', 1));
      ask(cds, { node });
      ack(await peer.client.next());
      ask(eds, { resourceNamesSubscribe: ['a'] });
      ack(await peer.client.next());
      (await session()).config = proxyOf(cluster('a'), endpoints('a', 1));
      const second = await peer.client.next();
      expect(wait(second)).toBeUndefined();
      expect(said(await peer.client.next())).toEqual({ typeUrl: eds, names: ['a'] });
    },
  );

  test('tells again of a cluster in the words of before, where Envoy refuses what it was to become', async () => {
    const becomes = async (connectTimeout: string) => {
      await nothingComes();
      (await session()).config = proxyOf(cluster('a', { connectTimeout }), endpoints('a', 1));
      return peer.client.next();
    };
    peer.server.sessions.initial = proxyOf(cluster('a'), endpoints('a', 1));
    ask(cds, { node });
    ack(await peer.client.next());
    ask(eds, { resourceNamesSubscribe: ['a'] });
    ack(await peer.client.next());
    nack(await becomes('1s'), 'Error adding/updating cluster(s) a: no such thing');
    const asItWas = await peer.client.next();
    expect(wait(asItWas)).toBeUndefined();
    const itsEndpoints = await peer.client.next();
    expect(said(itsEndpoints)).toEqual({ typeUrl: eds, names: ['a'] });
    for (const response of [asItWas, itsEndpoints]) ack(response);
    const second = await becomes('2s');
    ack(second);
    nack(await becomes('3s'), 'Error adding/updating cluster(s) a: no such thing');
    const asItWasThen = await peer.client.next();
    expect(asItWasThen.resources).toEqual(second.resources);
    expect(wait(asItWasThen)).toMatchObject({ nanos: 1_000_000 });
  });

  test('says again of endpoints that they do not exist, for a changed cluster waits to hear it', async () => {
    peer.server.sessions.initial = proxyOf(cluster('a'));
    ask(cds, { node });
    ack(await peer.client.next());
    ask(eds, { resourceNamesSubscribe: ['a'] });
    ack(await peer.client.next());
    (await session()).config = proxyOf(cluster('a', { connectTimeout: '1s' }));
    ack(await peer.client.next());
    expect(said(await peer.client.next())).toEqual({ typeUrl: eds, names: [], removed: ['a'] });
  });

  test('has a replaced cluster wait for endpoints that change with it, and for none beside those it was told', async () => {
    peer.server.sessions.initial = proxyOf(cluster('a'), endpoints('a', 1));
    ask(cds, { node });
    ack(await peer.client.next());
    ask(eds, { resourceNamesSubscribe: ['a'] });
    ack(await peer.client.next());
    await nothingComes();
    (await session()).config = proxyOf(cluster('a', { connectTimeout: '1s' }), endpoints('a', 2));
    const both = await peer.client.next();
    expect(wait(both)).toBeUndefined();
    const endpointsOfBoth = await peer.client.next();
    expect(said(endpointsOfBoth)).toEqual({ typeUrl: eds, names: ['a'] });
    ack(both);
    await nothingComes();
    (await session()).config = proxyOf(cluster('a', { connectTimeout: '2s' }), endpoints('a', 2));
    const alone = await peer.client.next();
    expect(wait(alone)).toMatchObject({ nanos: 1_000_000 });
    ack(alone);
    (await session()).config = proxyOf(cluster('a', { connectTimeout: '3s' }), endpoints('a', 3));
    expect(wait(await peer.client.next())).toBeUndefined();
    ack(endpointsOfBoth);
    expect(said(await peer.client.next())).toEqual({ typeUrl: eds, names: ['a'] });
  });

  test('sends endpoints again that it has not taken yet', async () => {
    peer.server.sessions.initial = proxyOf(cluster('a'), endpoints('a', 1));
    ask(cds, { node });
    ack(await peer.client.next());
    ask(eds, { resourceNamesSubscribe: ['a'] });
    const endpointsOfBefore = await peer.client.next();
    (await session()).config = proxyOf(cluster('a', { connectTimeout: '1s' }), endpoints('a', 1));
    const second = await peer.client.next();
    expect(wait(second)).toBeUndefined();
    ack(endpointsOfBefore);
    expect(said(await peer.client.next())).toEqual({ typeUrl: eds, names: ['a'] });
  });
});
