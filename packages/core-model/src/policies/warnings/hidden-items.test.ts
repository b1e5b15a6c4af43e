import { expect, test } from 'vitest';
import { applyChanges, emptySnapshot } from '../../snapshot/index.ts';
import { dataplane, inbound, mesh, resource } from '../../testing/resources.ts';
import { hiddenItemWarnings } from './hidden-items.ts';

const all = { kind: 'Mesh' };
const web = { kind: 'MeshService', name: 'web' };
const api = { kind: 'Dataplane', name: 'api' };
const faults = { http: [{ abort: { httpStatus: 503, percentage: 50 } }] };
const from = (targetRef: object, conf: object) => ({ from: [{ targetRef, default: conf }] });

/** Of a policy beside one whose name wins over its own. */
function warnings(type: string, spec: object, ...others: readonly object[]): readonly string[] {
  const proxies = ['web', 'api'].map((name) => dataplane(name, { inbound: [inbound(name, 80)] }));
  const resources = others.map((other, i) => resource<object>(type, `a-${i}`, other));
  const { snapshot } = applyChanges(
    emptySnapshot('default'),
    [mesh('STRICT'), ...proxies, ...resources].map((after) => ({ after })),
  );
  return hiddenItemWarnings(snapshot, resource<object>(type, 'written', spec));
}

test.each([
  ['MeshFaultInjection', faults, { http: [] }],
  ['MeshTrafficPermission', { action: 'Allow' }, { action: 'Deny' }],
])('a %s says that what another one says of everybody hides all of it', (type, conf, other) => {
  const told = [`the policy has no effect now: all that it says is overruled by ${type} "a-0"`];
  expect(warnings(type, from(web, conf), from(all, other))).toEqual(told);
  expect(warnings(type, from(all, conf), from(all, other))).toEqual(told);
  expect(warnings(type, { targetRef: api, ...from(web, conf) }, { targetRef: api, ...from(all, other) })).toEqual(told);
});

test.each([
  ['MeshFaultInjection', faults, { http: [] }],
  ['MeshTrafficPermission', { action: 'Allow' }, { action: 'Deny' }],
])('a %s says nothing where some of it counts', (type, conf, other) => {
  expect(warnings(type, from(web, conf))).toEqual([]);
  expect(warnings(type, from(all, conf), from(web, other))).toEqual([]);
  expect(warnings(type, from(web, conf), { targetRef: api, ...from(all, other) })).toEqual([]);
  expect(warnings(type, { targetRef: api, ...from(web, conf) }, from(all, other))).toEqual([]);
});

test('a condition on clients counts before what is said of everybody', () => {
  const matches = [{ spiffeID: { type: 'Exact', value: 'spiffe://default/web' } }];
  const everybody = { rules: [{ default: faults }] };
  expect(warnings('MeshFaultInjection', { rules: [{ matches, default: faults }] }, everybody)).toEqual([]);
  expect(warnings('MeshFaultInjection', everybody, everybody)).toHaveLength(1);
});

test('rules of a MeshTrafficPermission add up, and hide nothing', () => {
  const rules = [{ default: { allow: [{ spiffeID: { type: 'Exact', value: 'spiffe://default/web' } }] } }];
  expect(warnings('MeshTrafficPermission', { rules }, from(all, { action: 'Deny' }))).toEqual([]);
  expect(warnings('MeshTrafficPermission', from(web, { action: 'Allow' }), { rules })).toEqual([]);
});
