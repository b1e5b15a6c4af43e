import { expect, test } from 'vitest';
import { computeLabels } from './labels.ts';
import { kindByName } from './registry.ts';

const zone = { zone: 'east', mode: 'zone' } as const;

function compute(type: string, labels: Record<string, string> = {}, spec: object = {}, previous?: Record<string, string>) {
  const kind = kindByName(type)!;
  const computed = computeLabels({ type, mesh: kind.scope === 'Mesh' ? 'm' : '', name: 'n', labels, spec }, kind, zone, previous);
  return computed.ok ? computed.labels : computed.problems.map(({ field }) => field);
}

const common = { 'kuma.io/mesh': 'm', 'kuma.io/origin': 'zone', 'kuma.io/zone': 'east', 'kuma.io/env': 'universal' };

test('a policy says its mesh, origin, zone and environment, and keeps its own labels', () => {
  expect(compute('MeshTimeout', { team: 'a' })).toEqual({ ...common, team: 'a' });
});

test('a proxy says its type', () => {
  expect(compute('Dataplane')).toEqual({ ...common, 'kuma.io/proxy-type': 'sidecar' });
  expect(compute('Dataplane', {}, { networking: { gateway: {} } })).toEqual({ ...common, 'kuma.io/proxy-type': 'gateway' });
});

test('a HostnameGenerator says its origin, and Mesh, Zone and secrets nothing', () => {
  expect(compute('HostnameGenerator')).toEqual({ 'kuma.io/origin': 'zone' });
  for (const type of ['Mesh', 'Zone', 'Secret', 'GlobalSecret']) expect(compute(type)).toEqual({});
});

test('another zone, mesh or origin is refused', () => {
  expect(compute('MeshTimeout', { 'kuma.io/zone': 'west', 'kuma.io/mesh': 'x', 'kuma.io/origin': 'global' })).toEqual([
    'labels["kuma.io/mesh"]',
    'labels["kuma.io/origin"]',
    'labels["kuma.io/zone"]',
  ]);
});

test('a stated origin cannot change', () => {
  expect(compute('Mesh', { 'kuma.io/origin': 'zone' }, {}, { 'kuma.io/origin': 'global' })).toEqual(['labels["kuma.io/origin"]']);
});
