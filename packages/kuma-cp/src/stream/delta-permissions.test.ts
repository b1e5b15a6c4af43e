import type { DeltaDiscoveryResponse } from '@kuma-mesh/envoy-api/discovery.ts';
import { Runtime } from '@kuma-mesh/envoy-api/generated/envoy/service/runtime/v3/rtds.ts';
import { moreTypeUrls, typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { permissionRuntime } from '@kuma-mesh/xds-encode/permission/names.ts';
import { describe, expect, test } from 'vitest';
import { deltaClient, testNode } from './testing/ads-client.ts';
import { DeltaPeer, said } from './testing/delta-peer.ts';
import { proxyOf, resource } from './testing/resources.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

const { listener: lds } = typeUrls;
const { extension, runtime } = moreTypeUrls;

const peer = new DeltaPeer();
const { session, ask, ack, nothingComes } = peer;

describe('permissions of connections', () => {
  const rules = (version: string) => ({ ...resource(extension, 'permission:inbound', { name: version }), keys: [version] });
  const keys = (...names: readonly string[]) =>
    resource(runtime, permissionRuntime, {
      name: permissionRuntime,
      layer: Object.fromEntries(names.map((name) => [name, 100])),
    });
  const keysIn = ({ resources }: DeltaDiscoveryResponse) =>
    Object.keys(Runtime.decode(resources![0]!.resource!.value!).layer ?? {});

  /** The peer takes rules and keys. */
  async function takeFirst({ sessions }: TestServer, client: DeltaPeer['client'], ...names: readonly string[]): Promise<void> {
    sessions.initial = proxyOf(rules('old'), keys(...names));
    for (const [typeUrl, name] of [
      [extension, 'permission:inbound'],
      [runtime, permissionRuntime],
    ] as const) {
      client.send({ node: testNode, typeUrl, resourceNamesSubscribe: [name] });
      client.send({ typeUrl, responseNonce: (await client.next()).nonce });
    }
  }

  test('are switched on before they come, and those of before off some time after they are gone', async () => {
    await takeFirst(peer.server, peer.client, 'kept', 'old');
    (await session()).config = proxyOf(rules('new'), keys('kept', 'new'));
    const both = await peer.client.next();
    expect(keysIn(both)).toEqual(['kept', 'new', 'old']);
    await nothingComes();
    ack(both);
    const permission = await peer.client.next();
    expect(said(permission)).toEqual({ typeUrl: extension, names: ['permission:inbound'] });
    await nothingComes();
    ack(permission);
    // Whoever connected just before still has the rules of before.
    await nothingComes();
    const now = await peer.client.next();
    expect(keysIn(now)).toEqual(['kept', 'new']);
    ack(now);
    await nothingComes();
  });

  test('stay on for as long after each change, however soon the next one comes', async () => {
    await using slow = await startTestServer({ limits: { keysLingerFor: 1000 } });
    await using client = deltaClient(slow);
    const changeTo = async (name: string) => {
      (await slow.sessions.nth(0)).config = proxyOf(rules(name), keys(name));
      for (const typeUrl of [runtime, extension]) {
        const step = await client.next();
        expect(step.typeUrl).toBe(typeUrl);
        client.send({ typeUrl, responseNonce: step.nonce });
      }
    };
    await takeFirst(slow, client, 'old');
    await changeTo('new');
    await changeTo('newer');
    const left: string[][] = [];
    while (left.at(-1)?.length !== 1) {
      const now = await client.next();
      left.push(keysIn(now));
      client.send({ typeUrl: runtime, responseNonce: now.nonce });
    }
    expect(left).toEqual([['new', 'newer'], ['newer']]);
  });

  test('of before stay on for a peer that has them from another stream', async () => {
    const brought = [rules('old'), keys('old')];
    peer.server.sessions.initial = proxyOf(...brought);
    for (const { typeUrl, name, version } of brought) {
      ask(typeUrl, { resourceNamesSubscribe: [name], initialResourceVersions: { [name]: version } });
    }
    await nothingComes();
    (await session()).config = proxyOf(rules('new'), keys('new'));
    expect(keysIn(await peer.client.next())).toEqual(['new', 'old']);
  });

  test('are switched off as soon as they are gone, where no others come in their place', async () => {
    await using patient = await startTestServer({ limits: { keysLingerFor: 3_600_000 } });
    await using client = deltaClient(patient);
    await takeFirst(patient, client, 'kept', 'old');
    (await patient.sessions.nth(0)).config = proxyOf(rules('less'), keys('kept'));
    const permission = await client.next();
    expect(said(permission)).toEqual({ typeUrl: extension, names: ['permission:inbound'] });
    client.send({ typeUrl: extension, responseNonce: permission.nonce });
    expect(keysIn(await client.next())).toEqual(['kept']);
  });

  test('stay on while a listener drains that is gone with its permission, until the peer asks for that no more', async () => {
    await takeFirst(peer.server, peer.client, 'kept', 'old');
    (await session()).config = proxyOf(keys('kept'));
    await nothingComes();
    (await session()).config = proxyOf(keys('kept', 'new'));
    const more = await peer.client.next();
    expect(keysIn(more)).toEqual(['kept', 'new', 'old']);
    ack(more);
    ask(extension, { resourceNamesUnsubscribe: ['permission:inbound'] });
    expect(keysIn(await peer.client.next())).toEqual(['kept', 'new']);
  });
});

test('sends permissions before listeners, which may log what they tell', async () => {
  const both = (version: string) =>
    proxyOf(resource(extension, 'permission:inbound', { name: version }), resource(lds, 'inbound', { name: version }));
  peer.server.sessions.initial = both('old');
  ask(lds);
  ack(await peer.client.next());
  ask(extension, { resourceNamesSubscribe: ['permission:inbound'] });
  ack(await peer.client.next());
  await nothingComes();

  (await session()).config = both('new');
  const updates = [await peer.client.next(), await peer.client.next()];
  expect(updates.map(({ typeUrl }) => typeUrl)).toEqual([extension, lds]);
});
