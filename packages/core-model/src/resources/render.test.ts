import { expect, test } from 'vitest';
import { parseResource } from './parse.ts';
import { renderKubernetes, renderResource } from './render.ts';
import type { Resource } from './resource.ts';

const times = { creationTime: '2030-01-01T00:00:00Z', modificationTime: '2030-01-02T00:00:00Z', revision: 1 };
const labels = { 'kuma.io/zone': 'default' };
const policy: Resource = { type: 'MeshTimeout', mesh: 'm', name: 't', labels, spec: { to: [] }, ...times };
const mesh: Resource = { type: 'Mesh', mesh: '', name: 'm', labels: {}, spec: { routing: { zoneEgress: true } }, ...times };
const secret: Resource = { type: 'Secret', mesh: 'm', name: 's', labels: {}, spec: { data: 'QQ==' }, ...times };

test('a policy carries its fields under spec', () => {
  expect(renderResource(policy)).toEqual({
    type: 'MeshTimeout',
    mesh: 'm',
    name: 't',
    creationTime: times.creationTime,
    modificationTime: times.modificationTime,
    labels,
    kri: 'kri_mt_m_default__t_',
    spec: { to: [] },
  });
});

test('a mesh carries its fields beside its name', () => {
  expect(renderResource(mesh)).toEqual({
    type: 'Mesh',
    name: 'm',
    creationTime: times.creationTime,
    modificationTime: times.modificationTime,
    kri: 'kri_m____m_',
    routing: { zoneEgress: true },
  });
});

test('what is rendered can be applied again', () => {
  for (const resource of [mesh, secret]) {
    const parsed = parseResource(renderResource(resource));
    expect(parsed.ok && parsed.draft).toEqual({
      type: resource.type,
      mesh: resource.mesh,
      name: resource.name,
      labels: {},
      spec: resource.spec,
    });
  }
});

test('for Kubernetes, kinds become objects of kuma.io and secrets become Secrets', () => {
  expect(renderKubernetes(policy)).toMatchObject({
    apiVersion: 'kuma.io/v1alpha1',
    kind: 'MeshTimeout',
    metadata: { name: 't', namespace: 'kuma-system', labels: { 'kuma.io/mesh': 'm' } },
    spec: { to: [] },
  });
  expect(renderKubernetes(mesh)).toMatchObject({
    kind: 'Mesh',
    metadata: { name: 'm' },
    spec: { routing: { zoneEgress: true } },
  });
  expect(renderKubernetes(secret)).toMatchObject({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'system.kuma.io/secret',
    data: { value: 'QQ==' },
  });
});
