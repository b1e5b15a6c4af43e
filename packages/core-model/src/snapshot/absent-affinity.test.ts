import { expect, test } from 'vitest';
import { dataplane, inbound, mesh, outbound, resource } from '../testing/resources.ts';
import { applyChanges, emptySnapshot, noEffectWarnings } from './index.ts';

const gateway = { type: 'DELEGATED', tags: { 'kuma.io/service': 'edge', floor: '1' } };
const resources = [
  mesh(),
  dataplane('web', {
    inbound: [inbound('web', 80, { rack: 'a' })],
    outbound: [outbound('api', 90), outbound('api', 91, { version: 'v1' }), outbound('api', 92, { version: 'v2' })],
    labels: { node: 'n1' },
  }),
  dataplane('api-1', { inbound: [inbound('api', 81, { version: 'v1', rack: 'b' })] }),
  dataplane('api-2', { inbound: [inbound('api', 81, { version: 'v2' })], labels: { node: 'n2', shelf: 's' } }),
  resource('Dataplane', 'edge', { networking: { address: '10.0.0.9', gateway, outbound: [outbound('api', 90)] } }),
];
const { snapshot } = applyChanges(
  emptySnapshot('default'),
  resources.map((after) => ({ after })),
);

const toMesh = { kind: 'Mesh' };
const toApi = { kind: 'MeshService', name: 'api' };
const toPart = (version: string) => ({ kind: 'MeshServiceSubset', name: 'api', tags: { version } });
const byWeb = { kind: 'MeshService', name: 'web' };
const at = "field 'spec.to[0].default.localityAwareness.localZone.affinityTags[0].key' has no effect: no";

test.each<[string, object, object, string, string?]>([
  ['a tag that both have', byWeb, toApi, 'rack'],
  ['a label that both have', byWeb, toApi, 'node'],
  ['a tag that some instance of the part has', byWeb, toPart('v1'), 'rack'],
  [
    'a tag of other parts only',
    byWeb,
    toPart('v2'),
    'rack',
    'instance of MeshServiceSubset "api" with the tags {"version":"v2"}',
  ],
  ['a label that the callers have not', byWeb, toApi, 'shelf', 'proxy that the policy selects'],
  ['a tag that only a gateway has, for all destinations', toMesh, toMesh, 'floor', 'instance of any service'],
  ['a slip of the pen', toMesh, toMesh, 'rakc', 'proxy that the policy selects'],
  ['a tag that some callers and some instances have', toMesh, toMesh, 'rack'],
  ['a service that is not there', byWeb, { kind: 'MeshService', name: 'gone' }, 'rack'],
  ['proxies that are not there', { kind: 'MeshService', name: 'gone' }, toApi, 'shelf'],
])('affinity by %s says whether anything is nearer by it', (_, targetRef, to, key, nobody) => {
  const localityAwareness = { localZone: { affinityTags: [{ key }] } };
  const spec: object = { targetRef, to: [{ targetRef: to, default: { localityAwareness } }] };
  const found = noEffectWarnings(snapshot, { type: 'MeshLoadBalancingStrategy', labels: {}, spec });
  const expected = nobody === undefined ? [] : [`${at} ${nobody} has the tag or label ${key} now`];
  expect(found.filter((text) => text.includes('affinityTags'))).toEqual(expected);
});
