import { expect, test } from 'vitest';
import { applyChanges, emptySnapshot } from '../../snapshot/index.ts';
import { dataplane, inbound, mesh, resource } from '../../testing/resources.ts';
import { contradictionWarnings } from './contradictions.ts';

const proxies = [
  dataplane('web', { inbound: [inbound('web', 80)], labels: { app: 'web' } }),
  dataplane('api', { inbound: [inbound('api', 81)], labels: { app: 'api' } }),
];

/** Warnings of the last policy, which is in the mesh beside the others. */
function warnings(...policies: readonly ReturnType<typeof resource<object>>[]): readonly string[] {
  const resources = [mesh('STRICT'), ...proxies, ...policies.slice(0, -1)];
  const { snapshot } = applyChanges(
    emptySnapshot('default'),
    resources.map((after) => ({ after })),
  );
  const last = policies.at(-1)!;
  const withIt = applyChanges(snapshot, [{ after: last }]).snapshot;
  const found = contradictionWarnings(snapshot, last);
  expect(contradictionWarnings(withIt, last)).toEqual(found);
  return found;
}

const to = (conf: object, targetRef: object = { kind: 'Mesh' }, top?: object) => ({
  ...(top && { targetRef: top }),
  to: [{ targetRef, default: conf }],
});
const backOff = (times: object) => ({ http: { backOff: times } });
const wide = resource<object>('MeshRetry', 'wide', to(backOff({ baseInterval: '25ms', maxInterval: '250ms' })));
const onWeb = { kind: 'Dataplane', labels: { app: 'web' } };
const onApi = { kind: 'Dataplane', labels: { app: 'api' } };

test('a value that cannot hold beside one of a wider policy is told, with the policy and what counts', () => {
  const slow = resource<object>('MeshRetry', 'slow', to(backOff({ baseInterval: '1s' }), { kind: 'MeshService', name: 'web' }));
  expect(warnings(wide, slow)).toEqual([
    `field 'spec.to[0].default.http.backOff.baseInterval' contradicts http.backOff.maxInterval of MeshRetry "wide", with which it is merged: baseInterval counts for both`,
  ]);
});

test('it is told to whoever writes the second of the two, whichever that is', () => {
  const slow = resource<object>('MeshRetry', 'slow', to(backOff({ baseInterval: '1s' }), { kind: 'MeshService', name: 'web' }));
  expect(warnings(slow, wide)).toEqual([
    expect.stringMatching(/^field 'spec\.to\[0\]\.default\.http\.backOff\.maxInterval' contradicts .* of MeshRetry "slow"/),
  ]);
});

test('policies that no proxy or destination has together do not contradict each other', () => {
  const slow = (name: string, top: object) =>
    resource<object>('MeshRetry', name, to(backOff({ baseInterval: '1s' }), undefined, top));
  const quick = (name: string, top: object) =>
    resource<object>('MeshRetry', name, to(backOff({ maxInterval: '250ms' }), undefined, top));
  expect(warnings(slow('a', onWeb), quick('b', onApi))).toEqual([]);
  expect(warnings(slow('a', onWeb), quick('b', onWeb))).toHaveLength(1);
  const about = (name: string, service: string, times: object) =>
    resource<object>('MeshRetry', name, to(backOff(times), { kind: 'MeshService', name: service }));
  expect(warnings(about('a', 'web', { baseInterval: '1s' }), about('b', 'api', { maxInterval: '250ms' }))).toEqual([]);
});

test('what another policy has settled is no contradiction, nor is one between others', () => {
  const slow = resource<object>('MeshRetry', 'slow', to(backOff({ baseInterval: '1s' })));
  const settled = resource<object>('MeshRetry', 'a', to(backOff({ maxInterval: '10s' })));
  expect(warnings(wide, settled, slow)).toEqual([]);
  const other = resource<object>('MeshRetry', 'x', to({ http: { numRetries: 3 } }, undefined, onWeb));
  expect(warnings(wide, slow, other)).toEqual([]);
});

test('a policy in shadow is told what it will contradict once it is in force, and nobody contradicts one', () => {
  const slow = resource<object>('MeshRetry', 'slow', to(backOff({ baseInterval: '1s' })), { 'kuma.io/effect': 'shadow' });
  expect(warnings(wide, slow)).toHaveLength(1);
  expect(warnings(slow, wide)).toEqual([]);
});

test('a policy may contradict itself', () => {
  const upsideDown = resource<object>('MeshRetry', 'a', to({ grpc: { backOff: { baseInterval: '2s', maxInterval: '1s' } } }));
  expect(warnings(upsideDown)).toEqual([expect.stringContaining('of the same policy: baseInterval counts for both')]);
});

test('sizes of a ring, where there is a ring', () => {
  const ring = (name: string, ringHash: object, type = 'RingHash') =>
    resource<object>('MeshLoadBalancingStrategy', name, to({ loadBalancer: { type, ringHash } }));
  expect(warnings(ring('b', { maxRingSize: 512 }), ring('a', { minRingSize: 1024 }))).toEqual([
    expect.stringMatching(/ringHash\.minRingSize' contradicts .*maxRingSize of .* "b".*: maxRingSize counts for both/),
  ]);
  expect(warnings(ring('b', { maxRingSize: 512 }), ring('a', { minRingSize: 1024 }, 'Maglev'))).toEqual([]);
});

test('versions of TLS, in either list', () => {
  const tls = (name: string, list: string, tlsVersion: object) =>
    resource<object>('MeshTLS', name, {
      [list]: [{ ...(list === 'from' && { targetRef: { kind: 'Mesh' } }), default: { tlsVersion } }],
    });
  for (const list of ['from', 'rules'])
    expect(warnings(tls('b', list, { max: 'TLS12' }), tls('a', list, { min: 'TLS13' }))).toEqual([
      expect.stringContaining(`field 'spec.${list}[0].default.tlsVersion.min' contradicts tlsVersion.max of MeshTLS "b"`),
    ]);
  expect(warnings(tls('b', 'rules', { max: 'TLSAuto' }), tls('a', 'rules', { min: 'TLS13' }))).toEqual([]);
});
