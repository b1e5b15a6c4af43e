import { setTimeout as delay } from 'node:timers/promises';
import type { DeltaDiscoveryRequest, DeltaDiscoveryResponse } from '@kuma-mesh/envoy-api/discovery.ts';
import { Runtime } from '@kuma-mesh/envoy-api/generated/envoy/service/runtime/v3/rtds.ts';
import { type EncodedResource, moreTypeUrls, typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { changesOf } from '@kuma-mesh/xds-encode/patches/change.ts';
import { patchedResource } from '@kuma-mesh/xds-encode/patches/patch-resource.ts';
import { permissionRuntime } from '@kuma-mesh/xds-encode/permission/names.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AdsClient, deltaClient, testNode } from './testing/ads-client.ts';
import type { MemorySession } from './testing/memory-sessions.ts';
import { cluster, endpoints, proxyOf, resource, route, tcpListener } from './testing/resources.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

const { cluster: cds, endpoints: eds, listener: lds, route: rds } = typeUrls;
const { extension, runtime } = moreTypeUrls;

describe('delta ADS', () => {
  let server: TestServer;
  let client: AdsClient<DeltaDiscoveryRequest, DeltaDiscoveryResponse>;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(() => {
    client = deltaClient(server);
    server.sessions.opened.length = 0;
    server.sessions.initial = undefined;
    return () => client[Symbol.asyncDispose]();
  });

  const session = (): Promise<MemorySession> => server.sessions.nth(0);
  const ask = (typeUrl: string, request: DeltaDiscoveryRequest = {}): void =>
    client.send({ node: testNode, typeUrl, ...request });
  const ack = ({ typeUrl, nonce }: DeltaDiscoveryResponse): void => client.send({ typeUrl, responseNonce: nonce });
  const nack = ({ typeUrl, nonce }: DeltaDiscoveryResponse, message: string): void =>
    client.send({ typeUrl, responseNonce: nonce, errorDetail: { code: 13, message } });
  const said = ({ typeUrl, resources = [], removedResources = [] }: DeltaDiscoveryResponse) => ({
    typeUrl,
    names: resources.map(({ name }) => name),
    ...(removedResources.length > 0 && { removed: removedResources }),
  });
  /** Asks one more thing and sees that nothing comes before its answer. */
  const nothingComes = async (): Promise<void> => {
    const typeUrl = 'type.googleapis.com/test.Probe';
    ask(typeUrl, { resourceNamesSubscribe: [String(Math.random())] });
    const answer = await client.next();
    expect(answer.typeUrl).toBe(typeUrl);
    ack(answer);
  };

  test('gives all clusters to an empty subscription, each with its version and its bytes', async () => {
    const backend = cluster('backend');
    server.sessions.initial = proxyOf(backend, cluster('other'));
    ask(cds);
    const response = await client.next();
    expect(said(response)).toEqual({ typeUrl: cds, names: ['backend', 'other'] });
    expect(response.resources![0]).toMatchObject({ version: backend.version, resource: { typeUrl: cds } });
    expect(Buffer.from(response.resources![0]!.resource!.value!)).toEqual(Buffer.from(backend.bytes));
    expect(response.systemVersionInfo).toMatch(/^[0-9a-f]{16}$/);
  });

  test('answers when there is nothing, so that Envoy goes on', async () => {
    server.sessions.initial = proxyOf();
    ask(cds);
    expect(said(await client.next())).toEqual({ typeUrl: cds, names: [] });
  });

  test('waits for the first configuration', async () => {
    ask(cds);
    (await session()).config = proxyOf(cluster('late'));
    expect(said(await client.next())).toEqual({ typeUrl: cds, names: ['late'] });
  });

  test('gives endpoints only of names asked for, and says of others that they do not exist', async () => {
    server.sessions.initial = proxyOf(endpoints('a', 1), endpoints('b', 2));
    ask(eds, { resourceNamesSubscribe: ['a', 'nobody'] });
    expect(said(await client.next())).toEqual({ typeUrl: eds, names: ['a'], removed: ['nobody'] });
  });

  test('has one response of a type under way, and then gives the newest state', async () => {
    server.sessions.initial = proxyOf(endpoints('a', 1));
    ask(eds, { resourceNamesSubscribe: ['a'] });
    const first = await client.next();
    const newest = endpoints('a', 4);
    (await session()).config = proxyOf(endpoints('a', 2));
    (await session()).config = proxyOf(endpoints('a', 3));
    (await session()).config = proxyOf(newest);
    await nothingComes();
    ack(first);
    const second = await client.next();
    expect(second.resources).toMatchObject([{ name: 'a', version: newest.version }]);
    ack(second);
    await nothingComes();
  });

  test('sends nothing when nothing changed for the peer', async () => {
    server.sessions.initial = proxyOf(endpoints('a', 1), endpoints('b', 1));
    ask(eds, { resourceNamesSubscribe: ['a'] });
    ack(await client.next());
    (await session()).config = proxyOf(endpoints('a', 1), endpoints('b', 2));
    await nothingComes();
  });

  test('stops sending what was unsubscribed', async () => {
    server.sessions.initial = proxyOf(endpoints('a', 1), endpoints('b', 1));
    ask(eds, { resourceNamesSubscribe: ['a', 'b'] });
    ack(await client.next());
    ask(eds, { resourceNamesUnsubscribe: ['a'] });
    await nothingComes();
    (await session()).config = proxyOf(endpoints('a', 2), endpoints('b', 2));
    expect(said(await client.next())).toEqual({ typeUrl: eds, names: ['b'] });
  });

  test('sends again what is subscribed to again', async () => {
    server.sessions.initial = proxyOf(endpoints('a', 1));
    ask(eds, { resourceNamesSubscribe: ['a'] });
    ack(await client.next());
    ask(eds, { resourceNamesSubscribe: ['a'] });
    expect(said(await client.next())).toEqual({ typeUrl: eds, names: ['a'] });
  });

  test('serves explicit subscriptions beside the wildcard, and ends the wildcard', async () => {
    server.sessions.initial = proxyOf(cluster('a'), cluster('b'));
    ask(cds, { resourceNamesSubscribe: ['*', 'a'] });
    const first = await client.next();
    expect(said(first)).toEqual({ typeUrl: cds, names: ['a', 'b'] });
    ack(first);
    ask(cds, { resourceNamesUnsubscribe: ['*'] });
    await nothingComes();
    (await session()).config = proxyOf(cluster('a', { connectTimeout: '1s' }), cluster('b', { connectTimeout: '1s' }));
    expect(said(await client.next())).toEqual({ typeUrl: cds, names: ['a'] });
  });

  test('tells a peer that comes back only what differs, and what is gone', async () => {
    const kept = cluster('kept');
    server.sessions.initial = proxyOf(kept, cluster('changed'));
    ask(cds, { initialResourceVersions: { kept: kept.version, changed: 'old', gone: 'old' } });
    const changes = await client.next();
    expect(said(changes)).toEqual({ typeUrl: cds, names: ['changed'] });
    ack(changes);
    expect(said(await client.next())).toEqual({ typeUrl: cds, names: [], removed: ['gone'] });
  });

  test('tells a peer that comes back nothing when nothing differs', async () => {
    const kept = cluster('kept');
    const itsEndpoints = endpoints('kept', 1);
    server.sessions.initial = proxyOf(kept, itsEndpoints);
    ask(cds, { initialResourceVersions: { kept: kept.version } });
    ask(eds, { resourceNamesSubscribe: ['kept'], initialResourceVersions: { kept: itsEndpoints.version } });
    await nothingComes();
  });

  test('makes before it breaks: clusters, endpoints, then listeners and routes, then removals', async () => {
    server.sessions.initial = proxyOf(cluster('old'), endpoints('old', 1), tcpListener('in', 1, 'old'), route('r', 'old'));
    for (const [typeUrl, names] of [[cds], [eds, ['old']], [lds], [rds, ['r']]] as const) {
      ask(typeUrl, { ...(names && { resourceNamesSubscribe: [...names] }) });
      ack(await client.next());
    }
    (await session()).config = proxyOf(cluster('new'), endpoints('new', 1), tcpListener('in', 1, 'new'), route('r', 'new'));
    const clusters = await client.next();
    expect(said(clusters)).toEqual({ typeUrl: cds, names: ['new'] });
    await nothingComes();
    ask(eds, { resourceNamesSubscribe: ['new'] });
    ack(clusters);
    const itsEndpoints = await client.next();
    expect(said(itsEndpoints)).toEqual({ typeUrl: eds, names: ['new'] });
    await nothingComes();
    ack(itsEndpoints);
    const listeners = await client.next();
    expect(said(listeners)).toEqual({ typeUrl: lds, names: ['in'] });
    const routes = await client.next();
    expect(said(routes)).toEqual({ typeUrl: rds, names: ['r'] });
    ack(listeners);
    await nothingComes();
    ack(routes);
    const gone = await client.next();
    expect(said(gone)).toEqual({ typeUrl: cds, names: [], removed: ['old'] });
    ask(eds, { resourceNamesUnsubscribe: ['old'] });
    ack(gone);
    await nothingComes();
  });

  test('routes that were gone and are still asked for come before the listener that is to use them again', async () => {
    server.sessions.initial = proxyOf(tcpListener('in', 1, 'c'), route('r', 'c'));
    ask(lds);
    ack(await client.next());
    ask(rds, { resourceNamesSubscribe: ['r'] });
    ack(await client.next());
    (await session()).config = proxyOf(tcpListener('in', 2, 'c'));
    ack(await client.next());
    const gone = await client.next();
    expect(said(gone)).toEqual({ typeUrl: rds, names: [], removed: ['r'] });
    ack(gone);
    await nothingComes();
    (await session()).config = proxyOf(tcpListener('in', 3, 'c'), route('r', 'other'));
    expect(said(await client.next())).toEqual({ typeUrl: rds, names: ['r'] });
    expect(said(await client.next())).toEqual({ typeUrl: lds, names: ['in'] });
  });

  test('a listener goes together with the changes of others, as one of them may need its port', async () => {
    server.sessions.initial = proxyOf(tcpListener('a', 1, 'c'));
    ask(lds);
    ack(await client.next());
    (await session()).config = proxyOf(tcpListener('b', 1, 'c'));
    expect(said(await client.next())).toEqual({ typeUrl: lds, names: ['b'], removed: ['a'] });
  });

  test('mere changes of endpoints hold up no listener', async () => {
    server.sessions.initial = proxyOf(endpoints('a', 1), tcpListener('in', 1, 'a'));
    ask(eds, { resourceNamesSubscribe: ['a'] });
    ack(await client.next());
    ask(lds);
    ack(await client.next());
    (await session()).config = proxyOf(endpoints('a', 2), tcpListener('in', 2, 'a'));
    expect(said(await client.next())).toEqual({ typeUrl: eds, names: ['a'] });
    expect(said(await client.next())).toEqual({ typeUrl: lds, names: ['in'] });
  });

  test('mere changes of clusters hold up no route, unless that needs a new one', async () => {
    server.sessions.initial = proxyOf(cluster('a'), route('r', 'a'));
    ask(cds);
    ack(await client.next());
    ask(rds, { resourceNamesSubscribe: ['r'] });
    ack(await client.next());
    (await session()).config = proxyOf(cluster('a', { connectTimeout: '1s' }), route('r', 'b'));
    const clusters = await client.next();
    expect(said(clusters)).toEqual({ typeUrl: cds, names: ['a'] });
    const routes = await client.next();
    expect(said(routes)).toEqual({ typeUrl: rds, names: ['r'] });
    ack(routes);
    (await session()).config = proxyOf(cluster('a', { connectTimeout: '1s' }), cluster('new'), route('r', 'new'));
    await nothingComes();
    ack(clusters);
    expect(said(await client.next())).toEqual({ typeUrl: cds, names: ['new'] });
  });

  test('sends the endpoints of a replaced cluster again, for Envoy warms it until they come', async () => {
    const named = { edsClusterConfig: { serviceName: 'b-endpoints', edsConfig: { ads: {}, resourceApiVersion: 'V3' } } };
    const all = [endpoints('a', 1), endpoints('b-endpoints', 1)];
    server.sessions.initial = proxyOf(cluster('a'), cluster('b', named), ...all);
    ask(cds);
    ack(await client.next());
    ask(eds, { resourceNamesSubscribe: ['a', 'b-endpoints'] });
    ack(await client.next());
    (await session()).config = proxyOf(cluster('a'), cluster('b', { ...named, connectTimeout: '1s' }), ...all);
    expect(said(await client.next())).toEqual({ typeUrl: cds, names: ['b'] });
    expect(said(await client.next())).toEqual({ typeUrl: eds, names: ['b-endpoints'] });
  });

  describe('when the peer is long in taking clusters', () => {
    const timed = (connectTimeout: string) => cluster('a', { connectTimeout });
    const versions = ({ resources = [] }: DeltaDiscoveryResponse) => resources.map(({ version }) => version);
    let patient: TestServer;
    let proxy: typeof client;

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
  });

  describe('when a response is refused', () => {
    test('holds back the resource that Envoy names, and the rest goes on', async () => {
      const good = tcpListener('good', 1, 'c');
      server.sessions.initial = proxyOf(good, tcpListener('bad', 2, 'c'), tcpListener('bad-too', 3, 'c'));
      ask(lds);
      nack(await client.next(), 'Error adding/updating listener(s) bad: no such thing\n');
      const rest = await client.next();
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
      server.sessions.initial = proxyOf(...names.map((name) => endpoints(name, 1)));
      ask(eds, { resourceNamesSubscribe: names });
      const sizes: number[] = [];
      const taken: string[] = [];
      while (taken.length < 4) {
        const response = await client.next();
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
      ['no such thing', []],
    ])('what is refused with “%s” has another chance where its host is to blame', async (reason, again) => {
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
      server.sessions.initial = proxyOf(cluster('a'));
      ask(cds);
      nack(await client.next(), 'no');
      // Envoy may have half of it.
      const gone = await client.next();
      expect(gone).toMatchObject({ resources: [], removedResources: ['a'] });
      ack(gone);
      await nothingComes();
      const better = cluster('a', { connectTimeout: '2s' });
      (await session()).config = proxyOf(better);
      const response = await client.next();
      expect(response.resources).toMatchObject([{ name: 'a', version: better.version }]);
      ack(response);
      await (await session()).until((told) => told.kind === 'acknowledged' && told.names.includes('a'));
    });

    test('goes back without a word when the content goes back to what was accepted', async () => {
      const accepted = tcpListener('a', 1, 'c');
      server.sessions.initial = proxyOf(accepted);
      ask(lds);
      ack(await client.next());
      (await session()).config = proxyOf(tcpListener('a', 2, 'c'));
      nack(await client.next(), 'no');
      (await session()).config = proxyOf(accepted);
      await nothingComes();
    });

    test('sends the last accepted version of a cluster once more, and gives up when that is refused, too', async () => {
      const accepted = cluster('a');
      server.sessions.initial = proxyOf(accepted);
      ask(cds);
      ack(await client.next());
      (await session()).config = proxyOf(cluster('a', { connectTimeout: '2s' }));
      nack(await client.next(), 'no');
      const again = await client.next();
      expect(again.resources).toMatchObject([{ name: 'a', version: accepted.version }]);
      nack(again, 'no');
      await nothingComes();
    });

    test('sends the last accepted version to who asks for a resource that is held back', async () => {
      const accepted = endpoints('a', 1);
      server.sessions.initial = proxyOf(accepted);
      ask(eds, { resourceNamesSubscribe: ['a'] });
      ack(await client.next());
      (await session()).config = proxyOf(endpoints('a', 2));
      nack(await client.next(), 'no');
      ask(eds, { resourceNamesSubscribe: ['a'] });
      expect((await client.next()).resources).toMatchObject([{ name: 'a', version: accepted.version }]);
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
        server.sessions.initial = proxyOf(patched(plain));
        ask(cds);
        nack(await client.next(), 'no');
        const instead = await client.next();
        expect(versions(instead)).toEqual([plain.version]);
        ack(instead);
        await nothingComes();
        const told = (await session()).told.filter(({ kind }) => kind === 'rejected');
        expect(told).toMatchObject([{ names: ['a'] }]);
      });

      test('brings other changes to a peer that never had a patch, and a new patch as well', async () => {
        server.sessions.initial = proxyOf(timed('1s'));
        ask(cds);
        ack(await client.next());
        (await session()).config = proxyOf(patched(timed('1s')));
        nack(await client.next(), 'no');
        ack(await client.next());
        const changed = timed('2s');
        (await session()).config = proxyOf(patched(changed));
        const instead = await client.next();
        expect(versions(instead)).toEqual([changed.version]);
        ack(instead);
        const mended = patched(changed, 'RANDOM');
        (await session()).config = proxyOf(mended);
        expect(versions(await client.next())).toEqual([mended.version]);
      });

      test('leaves a patch that was accepted in force', async () => {
        const accepted = patched(timed('1s'), 'RANDOM');
        server.sessions.initial = proxyOf(accepted);
        ask(cds);
        ack(await client.next());
        (await session()).config = proxyOf(patched(timed('1s')));
        nack(await client.next(), 'no');
        const again = await client.next();
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
        server.sessions.initial = proxyOf(accepted);
        ask(cds);
        ack(await client.next());
        (await session()).config = proxyOf(patched(timed('1s')));
        nack(await client.next(), 'no');
        ack(await client.next());
        (await session()).config = proxyOf(patched(timed('2s')));
        const instead = await client.next();
        expect(versions(instead)).toEqual([patchedResource(timed('2s'), 'outbound', changes)!.version]);
        ack(instead);
        await nothingComes();
      });

      test('leaves a peer that comes back what it has, and brings it changes of that where it has no patch', async () => {
        const plain = timed('1s');
        server.sessions.initial = proxyOf(patched(plain));
        ask(cds, { initialResourceVersions: { a: plain.version } });
        nack(await client.next(), 'no');
        ack(await client.next());
        const changed = timed('2s');
        (await session()).config = proxyOf(patched(changed));
        expect(versions(await client.next())).toEqual([changed.version]);
      });

      test('gives up when the resource is refused without its patches, too', async () => {
        server.sessions.initial = proxyOf(patched(timed('1s')));
        ask(cds);
        nack(await client.next(), 'no');
        nack(await client.next(), 'not this either');
        const gone = await client.next();
        expect(gone).toMatchObject({ resources: [], removedResources: ['a'] });
        ack(gone);
        await nothingComes();
      });
    });

    test.each([
      ['routes', rds, route('r', 'a'), route('r', 'b')],
      ['listeners', lds, tcpListener('r', 1, 'a'), tcpListener('r', 1, 'b')],
    ])('keeps what refused %s may still use, until they are taken', async (_, typeUrl, accepted, refused) => {
      server.sessions.initial = proxyOf(cluster('a'), endpoints('a', 1), accepted);
      for (const [type, names] of [[cds], [eds, ['a']], [typeUrl, ['r']]] as const) {
        ask(type, { ...(names && { resourceNamesSubscribe: [...names] }) });
        ack(await client.next());
      }
      (await session()).config = proxyOf(cluster('b'), endpoints('b', 1), refused);
      ack(await client.next());
      nack(await client.next(), 'no');
      await nothingComes();
      const better = resource(typeUrl, 'r', { name: 'r' });
      (await session()).config = proxyOf(cluster('b'), endpoints('b', 1), better);
      const taken = await client.next();
      expect(taken.resources).toMatchObject([{ name: 'r', version: better.version }]);
      ack(taken);
      expect(said(await client.next())).toEqual({ typeUrl: cds, names: [], removed: ['a'] });
    });

    test('keeps the endpoints that a refused cluster may still use', async () => {
      const accepted = cluster('a', {
        edsClusterConfig: { serviceName: 'e1', edsConfig: { ads: {}, resourceApiVersion: 'V3' } },
      });
      server.sessions.initial = proxyOf(accepted, endpoints('e1', 1), cluster('gone'));
      ask(cds);
      ack(await client.next());
      ask(eds, { resourceNamesSubscribe: ['e1'] });
      ack(await client.next());
      (await session()).config = proxyOf(cluster('a'), endpoints('a', 1));
      nack(await client.next(), 'no');
      const again = await client.next();
      expect(again.resources).toMatchObject([{ name: 'a', version: accepted.version }]);
      ack(again);
      const gone = await client.next();
      expect(said(gone)).toEqual({ typeUrl: cds, names: [], removed: ['gone'] });
      ack(gone);
      await nothingComes();
    });

    test('does not repeat a removal for ever', async () => {
      server.sessions.initial = proxyOf(cluster('a'));
      ask(cds);
      ack(await client.next());
      (await session()).config = proxyOf();
      nack(await client.next(), 'in use');
      await nothingComes();
    });
  });

  test('ignores verdicts on responses that are long past', async () => {
    server.sessions.initial = proxyOf(cluster('a'));
    ask(cds);
    const first = await client.next();
    ack(first);
    (await session()).config = proxyOf(cluster('a', { connectTimeout: '2s' }));
    const second = await client.next();
    nack(first, 'late');
    (await session()).config = proxyOf(cluster('a', { connectTimeout: '3s' }));
    await nothingComes();
    ack(second);
    expect(said(await client.next())).toEqual({ typeUrl: cds, names: ['a'] });
  });

  test('counts what it sends and what comes back', async () => {
    server.sessions.initial = proxyOf(resource(cds, 'counted', { name: 'counted' }));
    ask(cds);
    ack(await client.next());
    await (await session()).until(({ kind }) => kind === 'acknowledged');
    const metrics = await server.registry.metrics();
    expect(metrics).toMatch(new RegExp(`xds_responses_sent_total\\{type_url="${cds}"\\} [1-9]`));
    expect(metrics).toMatch(new RegExp(`xds_bytes_sent_total\\{type_url="${cds}"\\} [1-9]`));
    expect(metrics).toMatch(new RegExp(`xds_requests_received_total\\{type_url="${cds}",confirmation="ACK"\\} [1-9]`));
    expect(metrics).toMatch(/xds_streams_active [1-9]/);
  });

  test('switches permissions of connections on before they come, and those of before off once they are gone', async () => {
    const rules = (version: string) => resource(extension, 'permission:inbound', { name: version });
    const keys = (...names: readonly string[]) =>
      resource(runtime, permissionRuntime, {
        name: permissionRuntime,
        layer: Object.fromEntries(names.map((name) => [name, 100])),
      });
    const keysIn = ({ resources }: DeltaDiscoveryResponse) =>
      Object.keys(Runtime.decode(resources![0]!.resource!.value!).layer ?? {});
    server.sessions.initial = proxyOf(rules('old'), keys('kept', 'old'));
    ask(extension, { resourceNamesSubscribe: ['permission:inbound'] });
    ack(await client.next());
    ask(runtime, { resourceNamesSubscribe: [permissionRuntime] });
    ack(await client.next());
    await nothingComes();

    (await session()).config = proxyOf(rules('new'), keys('kept', 'new'));
    const both = await client.next();
    expect(keysIn(both)).toEqual(['kept', 'new', 'old']);
    await nothingComes();
    ack(both);
    const permission = await client.next();
    expect(said(permission)).toEqual({ typeUrl: extension, names: ['permission:inbound'] });
    await nothingComes();
    ack(permission);
    const now = await client.next();
    expect(keysIn(now)).toEqual(['kept', 'new']);
    ack(now);
    await nothingComes();
  });
});
