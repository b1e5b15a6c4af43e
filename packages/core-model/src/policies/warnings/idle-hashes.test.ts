import { expect, test } from 'vitest';
import { applyChanges, emptySnapshot } from '../../snapshot/index.ts';
import { mesh, resource } from '../../testing/resources.ts';
import { idleHashWarnings } from './idle-hashes.ts';

const strategy = (name: string, conf: object, targetRef: object = { kind: 'Mesh' }) =>
  resource<object>('MeshLoadBalancingStrategy', name, { to: [{ targetRef, default: conf }] });
const hashPolicies = [{ type: 'Header', header: { name: 'x-user' } }];
const algorithm = (type: string) => ({ loadBalancer: { type } });

function places(written: ReturnType<typeof strategy>, ...others: readonly ReturnType<typeof strategy>[]): (string | undefined)[] {
  const all = [mesh(), ...others].map((after) => ({ after }));
  const found = idleHashWarnings(applyChanges(emptySnapshot('default'), all).snapshot, written);
  return found.map((text) => /'(.*?)'/.exec(text)?.[1]);
}

test('hashes in a mesh where no endpoint is chosen by them say so', () => {
  const idle = ['spec.to[0].default.hashPolicies'];
  expect(places(strategy('a', { hashPolicies }))).toEqual(idle);
  expect(places(strategy('a', { hashPolicies }, { kind: 'MeshHTTPRoute', name: 'r' }))).toEqual(idle);
  expect(places(strategy('a', { hashPolicies }), strategy('b', algorithm('Random')))).toEqual(idle);
  expect(places(strategy('a', { hashPolicies }), strategy('a', algorithm('Maglev')))).toEqual(idle);
  const inShadow = { ...strategy('b', algorithm('Maglev')), labels: { 'kuma.io/effect': 'shadow' } };
  expect(places(strategy('a', { hashPolicies }), inShadow)).toEqual(idle);
});

test('an algorithm that looks at hashes, be it of another policy, leaves nothing to be said', () => {
  expect(places(strategy('a', { hashPolicies, ...algorithm('RingHash') }))).toEqual([]);
  expect(places(strategy('a', { hashPolicies }), strategy('b', algorithm('Maglev'), { kind: 'MeshService', name: 'x' }))).toEqual(
    [],
  );
  expect(places(strategy('a', algorithm('Random')))).toEqual([]);
});
