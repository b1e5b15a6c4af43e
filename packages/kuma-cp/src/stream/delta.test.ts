import type { DeltaDiscoveryResponse } from '@kuma-mesh/envoy-api/discovery.ts';
import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { deltaClient, testNode } from './testing/ads-client.ts';
import { DeltaPeer, said } from './testing/delta-peer.ts';
import { cluster, endpoints, proxyOf, resource, route, tcpListener } from './testing/resources.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

const { cluster: cds, endpoints: eds, listener: lds, route: rds } = typeUrls;

const peer = new DeltaPeer();
const { session, ask, ack, nack, nothingComes } = peer;

test('gives all clusters to an empty subscription, each with its version and its bytes', async () => {
  const backend = cluster('backend');
  peer.server.sessions.initial = proxyOf(backend, cluster('other'));
  ask(cds);
  const response = await peer.client.next();
  expect(said(response)).toEqual({ typeUrl: cds, names: ['backend', 'other'] });
  expect(response.resources![0]).toMatchObject({ version: backend.version, resource: { typeUrl: cds } });
  expect(Buffer.from(response.resources![0]!.resource!.value!)).toEqual(Buffer.from(backend.bytes));
  expect(response.systemVersionInfo).toMatch(/^[0-9a-f]{16}$/);
});

test('answers when there is nothing, so that Envoy goes on', async () => {
  peer.server.sessions.initial = proxyOf();
  ask(cds);
  expect(said(await peer.client.next())).toEqual({ typeUrl: cds, names: [] });
});

test('waits for the first configuration', async () => {
  ask(cds);
  (await session()).config = proxyOf(cluster('late'));
  expect(said(await peer.client.next())).toEqual({ typeUrl: cds, names: ['late'] });
});

test('gives endpoints only of names asked for, and says of others that they do not exist', async () => {
  peer.server.sessions.initial = proxyOf(endpoints('a', 1), endpoints('b', 2));
  ask(eds, { resourceNamesSubscribe: ['a', 'nobody'] });
  expect(said(await peer.client.next())).toEqual({ typeUrl: eds, names: ['a'], removed: ['nobody'] });
});

test('has one response of a type under way, and then gives the newest state', async () => {
  peer.server.sessions.initial = proxyOf(endpoints('a', 1));
  ask(eds, { resourceNamesSubscribe: ['a'] });
  const first = await peer.client.next();
  const newest = endpoints('a', 4);
  (await session()).config = proxyOf(endpoints('a', 2));
  (await session()).config = proxyOf(endpoints('a', 3));
  (await session()).config = proxyOf(newest);
  await nothingComes();
  ack(first);
  const second = await peer.client.next();
  expect(second.resources).toMatchObject([{ name: 'a', version: newest.version }]);
  ack(second);
  await nothingComes();
});

test('sends nothing when nothing changed for the peer', async () => {
  peer.server.sessions.initial = proxyOf(endpoints('a', 1), endpoints('b', 1));
  ask(eds, { resourceNamesSubscribe: ['a'] });
  ack(await peer.client.next());
  (await session()).config = proxyOf(endpoints('a', 1), endpoints('b', 2));
  await nothingComes();
});

test('stops sending what was unsubscribed', async () => {
  peer.server.sessions.initial = proxyOf(endpoints('a', 1), endpoints('b', 1));
  ask(eds, { resourceNamesSubscribe: ['a', 'b'] });
  ack(await peer.client.next());
  ask(eds, { resourceNamesUnsubscribe: ['a'] });
  await nothingComes();
  (await session()).config = proxyOf(endpoints('a', 2), endpoints('b', 2));
  expect(said(await peer.client.next())).toEqual({ typeUrl: eds, names: ['b'] });
});

test('sends again what is subscribed to again', async () => {
  peer.server.sessions.initial = proxyOf(endpoints('a', 1));
  ask(eds, { resourceNamesSubscribe: ['a'] });
  ack(await peer.client.next());
  ask(eds, { resourceNamesSubscribe: ['a'] });
  expect(said(await peer.client.next())).toEqual({ typeUrl: eds, names: ['a'] });
});

test('serves explicit subscriptions beside the wildcard, and ends the wildcard', async () => {
  peer.server.sessions.initial = proxyOf(cluster('a'), cluster('b'));
  ask(cds, { resourceNamesSubscribe: ['*', 'a'] });
  const first = await peer.client.next();
  expect(said(first)).toEqual({ typeUrl: cds, names: ['a', 'b'] });
  ack(first);
  ask(cds, { resourceNamesUnsubscribe: ['*'] });
  await nothingComes();
  (await session()).config = proxyOf(cluster('a', { connectTimeout: '1s' }), cluster('b', { connectTimeout: '1s' }));
  expect(said(await peer.client.next())).toEqual({ typeUrl: cds, names: ['a'] });
});

test('tells a peer that comes back only what differs, and what is gone', async () => {
  const kept = cluster('kept');
  peer.server.sessions.initial = proxyOf(kept, cluster('changed'));
  ask(cds, { initialResourceVersions: { kept: kept.version, changed: 'old', gone: 'old' } });
  const changes = await peer.client.next();
  expect(said(changes)).toEqual({ typeUrl: cds, names: ['changed'] });
  expect((await session()).told).toContainEqual({ kind: 'sent', typeUrl: cds, unknownBefore: ['changed'] });
  ack(changes);
  expect(said(await peer.client.next())).toEqual({ typeUrl: cds, names: [], removed: ['gone'] });
});

test('knows what a peer that comes back has, where nothing differs: what replaces it later replaces nothing unknown', async () => {
  const kept = cluster('kept');
  peer.server.sessions.initial = proxyOf(kept);
  ask(cds, { initialResourceVersions: { kept: kept.version } });
  await nothingComes();
  (await session()).config = proxyOf(cluster('kept', { connectTimeout: '1s' }));
  ack(await peer.client.next());
  expect((await session()).told).toContainEqual({ kind: 'sent', typeUrl: cds });
});

test('tells a peer that comes back nothing when nothing differs', async () => {
  const kept = cluster('kept');
  const itsEndpoints = endpoints('kept', 1);
  peer.server.sessions.initial = proxyOf(kept, itsEndpoints);
  ask(cds, { initialResourceVersions: { kept: kept.version } });
  ask(eds, { resourceNamesSubscribe: ['kept'], initialResourceVersions: { kept: itsEndpoints.version } });
  await nothingComes();
});

test('makes before it breaks: clusters, endpoints, then listeners and routes, then removals', async () => {
  peer.server.sessions.initial = proxyOf(cluster('old'), endpoints('old', 1), tcpListener('in', 1, 'old'), route('r', 'old'));
  for (const [typeUrl, names] of [[cds], [eds, ['old']], [lds], [rds, ['r']]] as const) {
    ask(typeUrl, { ...(names && { resourceNamesSubscribe: [...names] }) });
    ack(await peer.client.next());
  }
  (await session()).config = proxyOf(cluster('new'), endpoints('new', 1), tcpListener('in', 1, 'new'), route('r', 'new'));
  const clusters = await peer.client.next();
  expect(said(clusters)).toEqual({ typeUrl: cds, names: ['new'] });
  await nothingComes();
  ask(eds, { resourceNamesSubscribe: ['new'] });
  ack(clusters);
  const itsEndpoints = await peer.client.next();
  expect(said(itsEndpoints)).toEqual({ typeUrl: eds, names: ['new'] });
  await nothingComes();
  ack(itsEndpoints);
  const listeners = await peer.client.next();
  expect(said(listeners)).toEqual({ typeUrl: lds, names: ['in'] });
  const routes = await peer.client.next();
  expect(said(routes)).toEqual({ typeUrl: rds, names: ['r'] });
  ack(listeners);
  await nothingComes();
  ack(routes);
  const gone = await peer.client.next();
  expect(said(gone)).toEqual({ typeUrl: cds, names: [], removed: ['old'] });
  ask(eds, { resourceNamesUnsubscribe: ['old'] });
  ack(gone);
  await nothingComes();
});

test('routes that were asked for before there were any come before the listener that is to use them', async () => {
  peer.server.sessions.initial = proxyOf(tcpListener('in', 1, 'c'));
  ask(lds);
  ack(await peer.client.next());
  ask(rds, { resourceNamesSubscribe: ['r'] });
  const absent = await peer.client.next();
  expect(said(absent)).toEqual({ typeUrl: rds, names: [], removed: ['r'] });
  ack(absent);
  await nothingComes();
  (await session()).config = proxyOf(tcpListener('in', 2, 'c'), route('r', 'c'));
  expect(said(await peer.client.next())).toEqual({ typeUrl: rds, names: ['r'] });
  expect(said(await peer.client.next())).toEqual({ typeUrl: lds, names: ['in'] });
});

test('while a listener drains, its routes and their clusters stay, until the peer asks for them no more', async () => {
  peer.server.sessions.initial = proxyOf(cluster('a'), tcpListener('in', 1, 'a'), route('r', 'a'));
  for (const [typeUrl, names] of [[cds], [lds], [rds, ['r']]] as const) {
    ask(typeUrl, { ...(names && { resourceNamesSubscribe: [...names] }) });
    ack(await peer.client.next());
  }
  (await session()).config = proxyOf(cluster('b'), tcpListener('in', 1, 'b'));
  ack(await peer.client.next());
  const listeners = await peer.client.next();
  expect(said(listeners)).toEqual({ typeUrl: lds, names: ['in'] });
  ack(listeners);
  await nothingComes();
  ask(rds, { resourceNamesUnsubscribe: ['r'] });
  expect(said(await peer.client.next())).toEqual({ typeUrl: cds, names: [], removed: ['a'] });
});

test('a listener goes together with the changes of others, as one of them may need its port', async () => {
  peer.server.sessions.initial = proxyOf(tcpListener('a', 1, 'c'));
  ask(lds);
  ack(await peer.client.next());
  (await session()).config = proxyOf(tcpListener('b', 1, 'c'));
  expect(said(await peer.client.next())).toEqual({ typeUrl: lds, names: ['b'], removed: ['a'] });
});

test('mere changes of endpoints hold up no listener', async () => {
  peer.server.sessions.initial = proxyOf(cluster('a'), endpoints('a', 1), tcpListener('in', 1, 'a'));
  ask(cds);
  ack(await peer.client.next());
  ask(eds, { resourceNamesSubscribe: ['a'] });
  ack(await peer.client.next());
  ask(lds);
  ack(await peer.client.next());
  (await session()).config = proxyOf(cluster('a'), endpoints('a', 2), tcpListener('in', 2, 'a'));
  expect(said(await peer.client.next())).toEqual({ typeUrl: eds, names: ['a'] });
  expect(said(await peer.client.next())).toEqual({ typeUrl: lds, names: ['in'] });
});

test('mere changes of clusters hold up no route, unless that needs a new one', async () => {
  peer.server.sessions.initial = proxyOf(cluster('a'), route('r', 'a'));
  ask(cds);
  ack(await peer.client.next());
  ask(rds, { resourceNamesSubscribe: ['r'] });
  ack(await peer.client.next());
  (await session()).config = proxyOf(cluster('a', { connectTimeout: '1s' }), route('r', 'b'));
  const clusters = await peer.client.next();
  expect(said(clusters)).toEqual({ typeUrl: cds, names: ['a'] });
  const routes = await peer.client.next();
  expect(said(routes)).toEqual({ typeUrl: rds, names: ['r'] });
  ack(routes);
  (await session()).config = proxyOf(cluster('a', { connectTimeout: '1s' }), cluster('new'), route('r', 'new'));
  await nothingComes();
  ack(clusters);
  expect(said(await peer.client.next())).toEqual({ typeUrl: cds, names: ['new'] });
});

test('a cluster that is needed again while its removal is under way comes before the routes to it', async () => {
  const used = [cluster('a'), cluster('b'), route('r', 'b')];
  peer.server.sessions.initial = proxyOf(...used);
  ask(cds);
  ack(await peer.client.next());
  ask(rds, { resourceNamesSubscribe: ['r'] });
  ack(await peer.client.next());
  (await session()).config = proxyOf(cluster('a'), route('r', 'a'));
  ack(await peer.client.next());
  const removal = await peer.client.next();
  expect(said(removal)).toEqual({ typeUrl: cds, names: [], removed: ['b'] });
  (await session()).config = proxyOf(...used);
  await nothingComes();
  ack(removal);
  const clusters = await peer.client.next();
  expect(said(clusters)).toEqual({ typeUrl: cds, names: ['b'] });
  await nothingComes();
  ack(clusters);
  expect(said(await peer.client.next())).toEqual({ typeUrl: rds, names: ['r'] });
});

test('on a new stream routes wait for the clusters that a peer asks for once those of before are warm', async () => {
  peer.server.sessions.initial = proxyOf(cluster('new'), endpoints('new', 1), route('r', 'new'));
  ask(eds, { resourceNamesSubscribe: ['half-made'] });
  ask(rds, { resourceNamesSubscribe: ['r'], initialResourceVersions: { r: 'old' } });
  expect(said(await peer.client.next())).toEqual({ typeUrl: eds, names: [], removed: ['half-made'] });
  await nothingComes();
  ask(cds, { initialResourceVersions: { 'half-made': 'old' } });
  const clusters = await peer.client.next();
  expect(said(clusters)).toEqual({ typeUrl: cds, names: ['new'] });
  await nothingComes();
  ack(clusters);
  expect(said(await peer.client.next())).toEqual({ typeUrl: rds, names: ['r'] });
});

test('endpoints of a new cluster that wait for others under way come before the routes to it', async () => {
  peer.server.sessions.initial = proxyOf(cluster('a'), endpoints('a', 1), route('r', 'a'));
  for (const [typeUrl, names] of [[cds], [eds, ['a']], [rds, ['r']]] as const) {
    ask(typeUrl, { ...(names && { resourceNamesSubscribe: [...names] }) });
    ack(await peer.client.next());
  }
  (await session()).config = proxyOf(cluster('a'), endpoints('a', 2), route('r', 'a'));
  const others = await peer.client.next();
  expect(said(others)).toEqual({ typeUrl: eds, names: ['a'] });
  const both = [cluster('a'), cluster('b'), endpoints('a', 2), endpoints('b', 1)];
  (await session()).config = proxyOf(...both, route('r', 'b'));
  const clusters = await peer.client.next();
  expect(said(clusters)).toEqual({ typeUrl: cds, names: ['b'] });
  ask(eds, { resourceNamesSubscribe: ['b'] });
  ack(clusters);
  await nothingComes();
  ack(others);
  const itsEndpoints = await peer.client.next();
  expect(said(itsEndpoints)).toEqual({ typeUrl: eds, names: ['b'] });
  await nothingComes();
  ack(itsEndpoints);
  expect(said(await peer.client.next())).toEqual({ typeUrl: rds, names: ['r'] });
});

describe('when the peer is long in taking clusters', () => {
  const timed = (connectTimeout: string) => cluster('a', { connectTimeout });
  const versions = ({ resources = [] }: DeltaDiscoveryResponse) => resources.map(({ version }) => version);
  let patient: TestServer;
  let proxy: DeltaPeer['client'];

  beforeEach(async () => {
    patient = await startTestServer({ limits: { clustersWithin: { changed: 20, new: 20 } } });
    proxy = deltaClient(patient);
    return async () => {
      await proxy[Symbol.asyncDispose]();
      await patient[Symbol.asyncDispose]();
    };
  });

  test('what needs them goes on after a while, and so do their own changes', async () => {
    patient.sessions.initial = proxyOf(timed('1s'), cluster('b'), route('r', 'b'));
    proxy.send({ node: testNode, typeUrl: cds });
    await proxy.next();
    proxy.send({ typeUrl: rds, resourceNamesSubscribe: ['r'] });
    expect(said(await proxy.next())).toEqual({ typeUrl: rds, names: ['r'] });
    (await patient.sessions.nth(0)).config = proxyOf(timed('2s'), cluster('b'), route('r', 'b'));
    expect(versions(await proxy.next())).toEqual([timed('2s').version]);
  });

  test('and has not asked for them on this stream, its routes go on as well', async () => {
    patient.sessions.initial = proxyOf(endpoints('a', 1), route('r', 'a'));
    proxy.send({ node: testNode, typeUrl: eds, resourceNamesSubscribe: ['a'] });
    proxy.send({ typeUrl: rds, resourceNamesSubscribe: ['r'] });
    const itsEndpoints = await proxy.next();
    expect(said(itsEndpoints)).toEqual({ typeUrl: eds, names: ['a'] });
    proxy.send({ typeUrl: eds, responseNonce: itsEndpoints.nonce });
    expect(said(await proxy.next())).toEqual({ typeUrl: rds, names: ['r'] });
  });

  test('what it says of them later counts: those that it refuses are held back, whatever came after', async () => {
    patient.sessions.initial = proxyOf(timed('1s'), cluster('b'));
    proxy.send({ node: testNode, typeUrl: cds });
    const first = await proxy.next();
    const session = await patient.sessions.nth(0);
    session.config = proxyOf(timed('1s'), cluster('b'), cluster('c'));
    const second = await proxy.next();
    expect(said(second)).toEqual({ typeUrl: cds, names: ['c'] });
    const errorDetail = { code: 13, message: 'Error adding/updating cluster(s) a: no such thing' };
    proxy.send({ typeUrl: cds, responseNonce: first.nonce, errorDetail });
    proxy.send({ typeUrl: cds, responseNonce: second.nonce });
    await session.until((told) => told.kind === 'rejected' && told.names[0] === 'a');
    expect(said(await proxy.next())).toEqual({ typeUrl: cds, names: ['b'], removed: ['a'] });
  });

  test('what it refuses later of what has changed since is nothing that came along with it', async () => {
    patient.sessions.initial = proxyOf(timed('1s'), cluster('b'));
    proxy.send({ node: testNode, typeUrl: cds });
    const first = await proxy.next();
    const session = await patient.sessions.nth(0);
    session.config = proxyOf(timed('2s'), cluster('b'));
    const second = await proxy.next();
    session.config = proxyOf(timed('2s'), cluster('b'), cluster('c'));
    const third = await proxy.next();
    const errorDetail = { code: 13, message: 'Error adding/updating cluster(s) a: no such thing' };
    proxy.send({ typeUrl: cds, responseNonce: first.nonce, errorDetail });
    for (const { nonce } of [second, third]) proxy.send({ typeUrl: cds, responseNonce: nonce });
    await session.until((told) => told.kind === 'acknowledged' && told.names[0] === 'c');
    expect(session.told).toContainEqual({ kind: 'rejected', typeUrl: cds, names: [], message: errorDetail.message });
    session.config = proxyOf(timed('2s'), cluster('b'), cluster('c'), cluster('d'));
    expect(said(await proxy.next())).toEqual({ typeUrl: cds, names: ['b'] });
  });
});

test('ignores verdicts on responses that are long past', async () => {
  peer.server.sessions.initial = proxyOf(cluster('a'));
  ask(cds);
  const first = await peer.client.next();
  ack(first);
  (await session()).config = proxyOf(cluster('a', { connectTimeout: '2s' }));
  const second = await peer.client.next();
  nack(first, 'late');
  (await session()).config = proxyOf(cluster('a', { connectTimeout: '3s' }));
  await nothingComes();
  ack(second);
  expect(said(await peer.client.next())).toEqual({ typeUrl: cds, names: ['a'] });
});

test('counts what it sends and what comes back', async () => {
  peer.server.sessions.initial = proxyOf(resource(cds, 'counted', { name: 'counted' }));
  ask(cds);
  ack(await peer.client.next());
  await (await session()).until(({ kind }) => kind === 'acknowledged');
  const metrics = await peer.server.registry.metrics();
  expect(metrics).toMatch(new RegExp(`xds_responses_sent_total\\{type_url="${cds}"\\} [1-9]`));
  expect(metrics).toMatch(new RegExp(`xds_bytes_sent_total\\{type_url="${cds}"\\} [1-9]`));
  expect(metrics).toMatch(new RegExp(`xds_requests_received_total\\{type_url="${cds}",confirmation="ACK"\\} [1-9]`));
  expect(metrics).toMatch(/xds_streams_active [1-9]/);
});

test('sends a renewed listener once, under the version of before, and not again where it is refused', async () => {
  const before = tcpListener('inbound', 10_001, 'backend');
  const renewed = (renewal: string) => ({ ...tcpListener('inbound', 10_002, 'backend'), version: before.version, renewal });
  peer.server.sessions.initial = proxyOf(before);
  ask(lds);
  ack(await peer.client.next());
  await nothingComes();

  for (const answer of [ack, (response: DeltaDiscoveryResponse) => nack(response, 'no')]) {
    const listener = renewed(String(answer));
    (await session()).config = proxyOf(listener);
    const response = await peer.client.next();
    expect(response.resources).toMatchObject([{ name: 'inbound', version: before.version }]);
    expect(Buffer.from(response.resources![0]!.resource!.value!)).toEqual(Buffer.from(listener.bytes));
    answer(response);
    await nothingComes();
  }
});
