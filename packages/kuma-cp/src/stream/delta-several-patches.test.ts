import type { PatchIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { DeltaDiscoveryResponse } from '@kuma-mesh/envoy-api/discovery.ts';
import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { changesOf } from '@kuma-mesh/xds-encode/patches/change.ts';
import { patchedResource } from '@kuma-mesh/xds-encode/patches/patch-resource.ts';
import { describe, expect, test } from 'vitest';
import { DeltaPeer } from './testing/delta-peer.ts';
import { cluster, proxyOf } from './testing/resources.ts';

const { cluster: cds } = typeUrls;

const peer = new DeltaPeer();
const { session, ask, ack, nack, nothingComes } = peer;

describe('a resource that several policies patch', () => {
  const timed = (connectTimeout: string) => cluster('a', { connectTimeout });
  const versions = ({ resources = [] }: DeltaDiscoveryResponse) => resources.map(({ version }) => version);
  const named = (kri: string, value: string) =>
    ({ modification: { cluster: { operation: 'Patch', value } }, origin: { kri }, index: 0 }) as const;
  const bad = named('bad', 'lbPolicy: CLUSTER_PROVIDED');
  const [first, last] = [named('first', 'altStatName: first'), named('last', 'trackTimeoutBudgets: true')];
  const by = (...patches: readonly PatchIr[]) => patchedResource(timed('1s'), 'outbound', changesOf(patches))!;

  /** Answers until nothing more comes. @returns versions in the order in which they came */
  const converse = async (isBad: (version: string, content: Buffer) => boolean): Promise<readonly string[]> => {
    const sent: string[] = [];
    for (let probes = 0; probes > 0 || sent.length === 0; ) {
      const response = await peer.client.next();
      if (response.typeUrl !== cds) {
        probes--;
        ack(response);
        continue;
      }
      const [version] = versions(response);
      sent.push(version!);
      if (isBad(version!, Buffer.from(response.resources![0]!.resource!.value!))) nack(response, 'no');
      else ack(response);
      probes++;
      ask('type.googleapis.com/test.Probe', { resourceNamesSubscribe: [String(sent.length)] });
    }
    return sent;
  };

  test.each([
    ['the first one', [bad, first, last], [first, last]],
    ['one between others', [first, bad, last], [first, last]],
    ['the last one', [first, last, bad], [first, last]],
    ['two of them', [bad, first, named('worse', 'lbPolicy: CLUSTER_PROVIDED\naltStatName: worse')], [first]],
  ] as const)('gives a peer that has nothing the patches of the others, where %s is at fault', async (_, all, good) => {
    const refused = all.filter((patch) => !(good as readonly PatchIr[]).includes(patch));
    const full = by(...all);
    const isBad = (version: string) =>
      [...parts(all)].some((part) => part.some((patch) => refused.includes(patch)) && by(...part).version === version);
    peer.server.sessions.initial = proxyOf(full);
    ask(cds);
    const sent = await converse(isBad);
    expect(sent.slice(0, 2)).toEqual([full.version, timed('1s').version]);
    expect(sent.filter((version) => !isBad(version)).at(-1)).toBe(by(...good).version);
    const { told } = await session();
    const blamed = told.flatMap((each) => (each.kind === 'rejected' ? [each.newPolicies] : []));
    expect(blamed.at(-1)).toEqual(refused.map(({ origin }) => origin.kri));
  });

  test('finds the one at fault among hundreds without trying each', async () => {
    const atFault = 'at fault';
    const value = (i: number) => (i === 137 ? `altStatName: ${atFault}` : `metadata: {filterMetadata: {m${i}: {}}}`);
    const all = Array.from({ length: 300 }, (_, i) => named(`p${i}`, value(i)));
    peer.server.sessions.initial = proxyOf(by(...all));
    ask(cds);
    const sent = await converse((_, content) => content.includes(atFault));
    expect(sent.at(-1)).toBe(by(...all.filter((_, i) => i !== 137)).version);
    expect(sent.length).toBeLessThan(25);
    const { told } = await session();
    expect(told.findLast(({ kind }) => kind === 'rejected')).toMatchObject({ newPolicies: ['p137'] });
  });

  test('blames nobody who says what the peer has already', async () => {
    peer.server.sessions.initial = proxyOf(by(first));
    ask(cds);
    ack(await peer.client.next());
    (await session()).config = proxyOf(by(first, named('same', 'altStatName: first')));
    await nothingComes();
    (await session()).config = proxyOf(by(first, named('same', 'altStatName: first'), bad));
    nack(await peer.client.next(), 'no');
    const rejection = await (await session()).until(({ kind }) => kind === 'rejected');
    expect(rejection).toMatchObject({ newPolicies: ['bad'] });
  });

  test('brings other changes to a peer that comes back with all patches but the one at fault', async () => {
    const accepted = by(first, last);
    const refused = by(first, bad, last);
    peer.server.sessions.initial = proxyOf(refused);
    ask(cds, { initialResourceVersions: { a: accepted.version } });
    const sent = await converse((version) => version === refused.version);
    expect(sent.at(-1)).toBe(accepted.version);
    const changed = (...patches: readonly PatchIr[]) => patchedResource(timed('2s'), 'outbound', changesOf(patches))!;
    (await session()).config = proxyOf(changed(first, bad, last));
    const next = await peer.client.next();
    expect(versions(next)).toEqual([changed(first, bad, last).version]);
    nack(next, 'no');
    expect(versions(await peer.client.next())).toEqual([changed(first, last).version]);
  });

  describe('and of which the peer has taken patches', () => {
    const atFault = (kri: string) => named(kri, 'metadata: {filterMetadata: {"at fault": {}}}');
    const isAtFault = (_: string, content: Buffer) => content.includes('at fault');
    const changed = named('first', 'altStatName: changed');

    const taken = async (...patches: readonly PatchIr[]): Promise<void> => {
      peer.server.sessions.initial = proxyOf(by(...patches));
      ask(cds);
      ack(await peer.client.next());
    };
    const blamedLast = async () => (await session()).told.findLast(({ kind }) => kind === 'rejected');

    test.each([
      ['behind', [first, atFault('bad')], [changed, atFault('bad')], [changed]],
      ['before', [atFault('bad'), first], [atFault('bad'), changed], [changed]],
      ['among others', [first, atFault('bad'), last], [changed, atFault('bad'), last], [changed, last]],
    ] as const)('brings what one of them says now, where %s it another one is refused', async (_, before, now, good) => {
      await taken(...before.filter(({ origin }) => origin.kri !== 'bad'));
      (await session()).config = proxyOf(by(...before));
      await converse(isAtFault);
      (await session()).config = proxyOf(by(...now));
      const sent = await converse(isAtFault);
      expect(sent.at(-1)).toBe(by(...good).version);
      expect(await blamedLast()).toMatchObject({ newPolicies: ['bad'] });
    });

    test('keeps what one of them said before it was refused, and brings what others say', async () => {
      await taken(first, last);
      const others = [named('last', 'trackTimeoutBudgets: false'), named('new', 'perConnectionBufferLimitBytes: 1')];
      (await session()).config = proxyOf(by(atFault('first'), ...others));
      const sent = await converse(isAtFault);
      expect(sent.at(-1)).toBe(by(first, ...others).version);
      expect(await blamedLast()).toMatchObject({ newPolicies: ['first'] });
    });

    test.each([
      ['one that is new', [first, last], [last, atFault('bad')], [last]],
      ['one that it had in other words', [first, last], [atFault('last')], [last]],
      ['one that is all there is', [first], [atFault('bad')], []],
    ] as const)('takes away what one of them said that is gone, beside %s and is refused', async (_, before, now, good) => {
      await taken(...before);
      (await session()).config = proxyOf(by(...now));
      const sent = await converse(isAtFault);
      expect(sent.at(-1)).toBe((good.length > 0 ? by(...good) : timed('1s')).version);
    });
  });
});

/** All parts of a list that are not empty. */
function* parts<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let chosen = 1; chosen < 2 ** all.length; chosen++) yield all.filter((_, i) => chosen & (1 << i));
}
