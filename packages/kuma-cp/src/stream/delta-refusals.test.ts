import { setTimeout as delay } from 'node:timers/promises';
import type { DeltaDiscoveryResponse } from '@kuma-mesh/envoy-api/discovery.ts';
import { type EncodedResource, typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { changesOf } from '@kuma-mesh/xds-encode/patches/change.ts';
import { patchedResource } from '@kuma-mesh/xds-encode/patches/patch-resource.ts';
import { describe, expect, test } from 'vitest';
import { deltaClient, testNode } from './testing/ads-client.ts';
import { DeltaPeer, said } from './testing/delta-peer.ts';
import { cluster, endpoints, proxyOf, resource, route, tcpListener, unencodable } from './testing/resources.ts';
import { startTestServer } from './testing/test-server.ts';

const { cluster: cds, endpoints: eds, listener: lds, route: rds } = typeUrls;

const peer = new DeltaPeer();
const { session, ask, ack, nack, nothingComes } = peer;

test('holds back the resource that Envoy names, and the rest goes on', async () => {
  const good = tcpListener('good', 1, 'c');
  peer.server.sessions.initial = proxyOf(good, tcpListener('bad', 2, 'c'), tcpListener('bad-too', 3, 'c'));
  ask(lds);
  nack(await peer.client.next(), 'Error adding/updating listener(s) bad: no such thing\n');
  const rest = await peer.client.next();
  expect(said(rest)).toEqual({ typeUrl: lds, names: ['good', 'bad-too'] });
  ack(rest);
  await nothingComes();
  expect((await session()).told).toContainEqual({
    kind: 'rejected',
    typeUrl: lds,
    names: ['bad'],
    message: 'Error adding/updating listener(s) bad: no such thing\n',
  });
});

test('finds a culprit that Envoy does not name by sending ever smaller parts', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  peer.server.sessions.initial = proxyOf(...names.map((name) => endpoints(name, 1)));
  ask(eds, { resourceNamesSubscribe: names });
  const sizes: number[] = [];
  const taken: string[] = [];
  while (taken.length < 4) {
    const response = await peer.client.next();
    const sent = response.resources!.map(({ name }) => name!);
    sizes.push(sent.length);
    if (sent.includes('d')) {
      nack(response, 'malformed endpoint address');
    } else {
      taken.push(...sent);
      ack(response);
    }
  }
  expect(taken.sort()).toEqual(['a', 'b', 'c', 'e']);
  expect(sizes[0]).toBe(5);
  await nothingComes();
  const told = (await session()).told.filter(({ kind }) => kind === 'rejected');
  expect(told.at(-1)).toMatchObject({ names: ['d'] });
  expect(told.slice(0, -1).every((each) => 'names' in each && each.names.length === 0)).toBe(true);
});

test.each([
  ["cannot bind '127.0.0.1:5670': Address already in use", ['a']],
  ["unable to open file '/logs/a.log': No such file or directory", ['a']],
  ["error adding listener: 'a' has duplicate address '127.0.0.1:5670' as existing listener", ['a']],
  ['no such thing', []],
])('what is refused with “%s” has another chance where that may pass', async (reason, again) => {
  await using patient = await startTestServer({ limits: { tryAgainAfter: 20 } });
  await using proxy = deltaClient(patient);
  patient.sessions.initial = proxyOf(tcpListener('a', 1, 'c'), tcpListener('b', 2, 'c'));
  const answer = ({ typeUrl, nonce }: DeltaDiscoveryResponse, message?: string) =>
    proxy.send({ typeUrl, responseNonce: nonce, ...(message && { errorDetail: { code: 13, message } }) });
  proxy.send({ node: testNode, typeUrl: lds });
  answer(await proxy.next(), `Error adding/updating listener(s) a: ${reason}\n`);
  const rest = await proxy.next();
  expect(said(rest).names).toEqual(['b']);
  answer(rest);
  for (const name of again) {
    for (const message of [`Error adding/updating listener(s) ${name}: ${reason}\n`, undefined]) {
      const response = await proxy.next();
      expect(said(response)).toEqual({ typeUrl: lds, names: [name] });
      answer(response, message);
    }
  }
  await delay(100);
  const typeUrl = 'type.googleapis.com/test.Probe';
  proxy.send({ node: testNode, typeUrl, resourceNamesSubscribe: ['x'] });
  expect((await proxy.next()).typeUrl).toBe(typeUrl);
});

test('tries again when the content changes', async () => {
  peer.server.sessions.initial = proxyOf(cluster('a'));
  ask(cds);
  nack(await peer.client.next(), 'no');
  // Envoy may have half of it.
  const gone = await peer.client.next();
  expect(gone).toMatchObject({ resources: [], removedResources: ['a'] });
  ack(gone);
  await nothingComes();
  const better = cluster('a', { connectTimeout: '2s' });
  (await session()).config = proxyOf(better);
  const response = await peer.client.next();
  expect(response.resources).toMatchObject([{ name: 'a', version: better.version }]);
  ack(response);
  await (await session()).until((told) => told.kind === 'acknowledged' && told.names.includes('a'));
});

test('goes back without a word when the content goes back to what was accepted', async () => {
  const accepted = tcpListener('a', 1, 'c');
  peer.server.sessions.initial = proxyOf(accepted);
  ask(lds);
  ack(await peer.client.next());
  (await session()).config = proxyOf(tcpListener('a', 2, 'c'));
  nack(await peer.client.next(), 'no');
  (await session()).config = proxyOf(accepted);
  await nothingComes();
});

test('holds back what could not be encoded, and the rest goes on', async () => {
  peer.server.sessions.initial = proxyOf(tcpListener('good', 1, 'c'), unencodable(lds, 'bad'));
  ask(lds);
  const first = await peer.client.next();
  expect(said(first)).toEqual({ typeUrl: lds, names: ['good'] });
  ack(first);
  await nothingComes();
  (await session()).config = proxyOf(unencodable(lds, 'good'), tcpListener('bad', 2, 'c'));
  const second = await peer.client.next();
  expect(said(second)).toEqual({ typeUrl: lds, names: ['bad'] });
  ack(second);
  await nothingComes();
  (await session()).config = proxyOf(tcpListener('bad', 2, 'c'));
  expect(said(await peer.client.next())).toEqual({ typeUrl: lds, names: [], removed: ['good'] });
});

describe('what a listener uses stays while a new version of it cannot be encoded', () => {
  const changesAndRemoves = async () => {
    (await session()).config = proxyOf(cluster('b'), tcpListener('out', 1, 'b'));
    const changed = await peer.client.next();
    expect(said(changed)).toEqual({ typeUrl: lds, names: ['out'] });
    ack(changed);
    expect(said(await peer.client.next())).toEqual({ typeUrl: cds, names: [], removed: ['a'] });
  };

  test('where it came over this stream', async () => {
    peer.server.sessions.initial = proxyOf(cluster('a'), tcpListener('out', 1, 'a'));
    ask(cds);
    ack(await peer.client.next());
    ask(lds);
    ack(await peer.client.next());
    (await session()).config = proxyOf(cluster('b'), unencodable(lds, 'out'));
    const added = await peer.client.next();
    expect(said(added)).toEqual({ typeUrl: cds, names: ['b'] });
    ack(added);
    await nothingComes();
    await changesAndRemoves();
  });

  test('where it came over an earlier one', async () => {
    peer.server.sessions.initial = proxyOf(cluster('b'), unencodable(lds, 'out'));
    ask(lds, { initialResourceVersions: { out: 'before' } });
    ask(cds, { initialResourceVersions: { a: 'before' } });
    const added = await peer.client.next();
    expect(said(added)).toEqual({ typeUrl: cds, names: ['b'] });
    ack(added);
    await nothingComes();
    await changesAndRemoves();
  });
});

test('a cluster that changes gets its endpoints of before where others cannot be encoded', async () => {
  const before = endpoints('a', 1);
  peer.server.sessions.initial = proxyOf(cluster('a'), before);
  ask(cds);
  ack(await peer.client.next());
  ask(eds, { resourceNamesSubscribe: ['a'] });
  ack(await peer.client.next());
  (await session()).config = proxyOf(cluster('a', { connectTimeout: '1s' }), unencodable(eds, 'a'));
  const changed = await peer.client.next();
  expect(said(changed)).toEqual({ typeUrl: cds, names: ['a'] });
  ack(changed);
  const again = await peer.client.next();
  expect(again.resources).toMatchObject([{ name: 'a', version: before.version }]);
  ack(again);
  await nothingComes();
});

test('sends the last accepted version of a cluster once more, and gives up when that is refused, too', async () => {
  const accepted = cluster('a');
  peer.server.sessions.initial = proxyOf(accepted);
  ask(cds);
  ack(await peer.client.next());
  (await session()).config = proxyOf(cluster('a', { connectTimeout: '2s' }));
  nack(await peer.client.next(), 'no');
  const again = await peer.client.next();
  expect(again.resources).toMatchObject([{ name: 'a', version: accepted.version }]);
  nack(again, 'no');
  await nothingComes();
});

test('sends the last accepted version to who asks for a resource that is held back', async () => {
  const accepted = endpoints('a', 1);
  peer.server.sessions.initial = proxyOf(accepted);
  ask(eds, { resourceNamesSubscribe: ['a'] });
  ack(await peer.client.next());
  (await session()).config = proxyOf(endpoints('a', 2));
  nack(await peer.client.next(), 'no');
  ask(eds, { resourceNamesSubscribe: ['a'] });
  expect((await peer.client.next()).resources).toMatchObject([{ name: 'a', version: accepted.version }]);
});

describe('and it was patched', () => {
  const timed = (connectTimeout: string) => cluster('a', { connectTimeout });
  const patched = (without: EncodedResource, lbPolicy = 'CLUSTER_PROVIDED'): EncodedResource => ({
    ...cluster('a', { lbPolicy }),
    patched: { unapplied: [], without },
  });
  const versions = ({ resources = [] }: DeltaDiscoveryResponse) => resources.map(({ version }) => version);

  test('gives a peer that has nothing the resource without its patches, which stay refused', async () => {
    const plain = timed('1s');
    peer.server.sessions.initial = proxyOf(patched(plain));
    ask(cds);
    nack(await peer.client.next(), 'no');
    const instead = await peer.client.next();
    expect(versions(instead)).toEqual([plain.version]);
    ack(instead);
    await nothingComes();
    const told = (await session()).told.filter(({ kind }) => kind === 'rejected');
    expect(told).toMatchObject([{ names: ['a'] }]);
  });

  test('gives a peer that has nothing what others refused without its patches at first, and asks it as well', async () => {
    const plain = route('r', 'a');
    const refused: EncodedResource = { ...route('r', 'b'), patched: { unapplied: [], without: plain } };
    peer.server.sessions.initial = proxyOf(refused, route('s', 'a'));
    ask(rds, { resourceNamesSubscribe: ['r'] });
    nack(await peer.client.next(), 'no');
    expect(versions(await peer.client.next())).toEqual([plain.version]);
    await using other = deltaClient(peer.server);
    other.send({ node: testNode, typeUrl: rds, resourceNamesSubscribe: ['r', 's'] });
    const first = await other.next();
    expect(said(first).names).toEqual(['r', 's']);
    expect(versions(first)).toContain(plain.version);
    other.send({ typeUrl: rds, responseNonce: first.nonce });
    const second = await other.next();
    expect(versions(second)).toEqual([refused.version]);
    other.send({ typeUrl: rds, responseNonce: second.nonce, errorDetail: { code: 13, message: 'no' } });
    const last = await peer.server.sessions.nth(1);
    await last.until((told) => told.kind === 'rejected' && told.names.includes('r'));
    expect(other.untaken).toBe(0);
  });

  test.each([
    ['taken', ack],
    ['refused, too', nack],
  ] as const)('brings routes to a new cluster when what stands in for it is %s', async (_, verdict) => {
    peer.server.sessions.initial = proxyOf(route('r', 'old'));
    ask(cds);
    ack(await peer.client.next());
    ask(rds, { resourceNamesSubscribe: ['r'] });
    ack(await peer.client.next());
    const plain = timed('1s');
    (await session()).config = proxyOf(patched(plain), route('r', 'a'));
    nack(await peer.client.next(), 'no');
    const instead = await peer.client.next();
    expect(versions(instead)).toEqual([plain.version]);
    await nothingComes();
    verdict(instead, 'no');
    const next = await peer.client.next();
    // Where it is refused, too, Envoy is told that there is none: it may have it half made.
    if (verdict === nack) expect(said(next)).toEqual({ typeUrl: cds, names: [], removed: ['a'] });
    expect(said(verdict === nack ? await peer.client.next() : next)).toEqual({ typeUrl: rds, names: ['r'] });
  });

  test('brings other changes to a peer that never had a patch, and a new patch as well', async () => {
    peer.server.sessions.initial = proxyOf(timed('1s'));
    ask(cds);
    ack(await peer.client.next());
    (await session()).config = proxyOf(patched(timed('1s')));
    nack(await peer.client.next(), 'no');
    ack(await peer.client.next());
    const changed = timed('2s');
    (await session()).config = proxyOf(patched(changed));
    const instead = await peer.client.next();
    expect(versions(instead)).toEqual([changed.version]);
    ack(instead);
    const mended = patched(changed, 'RANDOM');
    (await session()).config = proxyOf(mended);
    expect(versions(await peer.client.next())).toEqual([mended.version]);
  });

  test('leaves a patch that was accepted in force', async () => {
    const accepted = patched(timed('1s'), 'RANDOM');
    peer.server.sessions.initial = proxyOf(accepted);
    ask(cds);
    ack(await peer.client.next());
    (await session()).config = proxyOf(patched(timed('1s')));
    nack(await peer.client.next(), 'no');
    const again = await peer.client.next();
    expect(versions(again)).toEqual([accepted.version]);
    ack(again);
    (await session()).config = proxyOf(patched(timed('2s')));
    await nothingComes();
  });

  test('brings other changes to a patch that was accepted', async () => {
    const changes = changesOf([
      { modification: { cluster: { operation: 'Patch', value: 'altStatName: taken' } }, origin: { kri: 'p' }, index: 0 },
    ]);
    const accepted = patchedResource(timed('1s'), 'outbound', changes)!;
    peer.server.sessions.initial = proxyOf(accepted);
    ask(cds);
    ack(await peer.client.next());
    (await session()).config = proxyOf(patched(timed('1s')));
    nack(await peer.client.next(), 'no');
    ack(await peer.client.next());
    (await session()).config = proxyOf(patched(timed('2s')));
    const instead = await peer.client.next();
    expect(versions(instead)).toEqual([patchedResource(timed('2s'), 'outbound', changes)!.version]);
    ack(instead);
    await nothingComes();
  });

  test('leaves a peer that comes back what it has, and brings it changes of that where it has no patch', async () => {
    const plain = timed('1s');
    peer.server.sessions.initial = proxyOf(patched(plain));
    ask(cds, { initialResourceVersions: { a: plain.version } });
    nack(await peer.client.next(), 'no');
    ack(await peer.client.next());
    const changed = timed('2s');
    (await session()).config = proxyOf(patched(changed));
    expect(versions(await peer.client.next())).toEqual([changed.version]);
  });

  test('gives up when the resource is refused without its patches, too', async () => {
    peer.server.sessions.initial = proxyOf(patched(timed('1s')));
    ask(cds);
    nack(await peer.client.next(), 'no');
    nack(await peer.client.next(), 'not this either');
    const gone = await peer.client.next();
    expect(gone).toMatchObject({ resources: [], removedResources: ['a'] });
    ack(gone);
    await nothingComes();
  });
});

test.each([
  ['routes', rds, route('r', 'a'), route('r', 'b')],
  ['listeners', lds, tcpListener('r', 1, 'a'), tcpListener('r', 1, 'b')],
])('keeps what refused %s may still use, until they are taken', async (_, typeUrl, accepted, refused) => {
  peer.server.sessions.initial = proxyOf(cluster('a'), endpoints('a', 1), accepted);
  for (const [type, names] of [[cds], [eds, ['a']], [typeUrl, ['r']]] as const) {
    ask(type, { ...(names && { resourceNamesSubscribe: [...names] }) });
    ack(await peer.client.next());
  }
  (await session()).config = proxyOf(cluster('b'), endpoints('b', 1), refused);
  ack(await peer.client.next());
  nack(await peer.client.next(), 'no');
  await nothingComes();
  const better = resource(typeUrl, 'r', { name: 'r' });
  (await session()).config = proxyOf(cluster('b'), endpoints('b', 1), better);
  const taken = await peer.client.next();
  expect(taken.resources).toMatchObject([{ name: 'r', version: better.version }]);
  ack(taken);
  expect(said(await peer.client.next())).toEqual({ typeUrl: cds, names: [], removed: ['a'] });
});

test('keeps the endpoints that a refused cluster may still use', async () => {
  const accepted = cluster('a', {
    edsClusterConfig: { serviceName: 'e1', edsConfig: { ads: {}, resourceApiVersion: 'V3' } },
  });
  peer.server.sessions.initial = proxyOf(accepted, endpoints('e1', 1), cluster('gone'));
  ask(cds);
  ack(await peer.client.next());
  ask(eds, { resourceNamesSubscribe: ['e1'] });
  ack(await peer.client.next());
  (await session()).config = proxyOf(cluster('a'), endpoints('a', 1));
  nack(await peer.client.next(), 'no');
  const again = await peer.client.next();
  expect(again.resources).toMatchObject([{ name: 'a', version: accepted.version }]);
  ack(again);
  const gone = await peer.client.next();
  expect(said(gone)).toEqual({ typeUrl: cds, names: [], removed: ['gone'] });
  ack(gone);
  await nothingComes();
});

test('does not repeat a removal for ever', async () => {
  peer.server.sessions.initial = proxyOf(cluster('a'));
  ask(cds);
  ack(await peer.client.next());
  (await session()).config = proxyOf();
  nack(await peer.client.next(), 'in use');
  await nothingComes();
});
