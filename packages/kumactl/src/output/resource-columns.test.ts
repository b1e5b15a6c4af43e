import { expect, test } from 'vitest';
import { columnsOf, tagSummary } from './resource-columns.ts';

test('a mesh shows its enabled certificate authority as type/name', () => {
  const mesh = { type: 'Mesh', name: 'm', mtls: { enabledBackend: 'ca-1', backends: [{ name: 'ca-1', type: 'builtin' }] } };
  const row = columnsOf({ name: 'Mesh', scope: 'Global' }).map((column) => column.cell(mesh));
  expect(row.slice(0, 4)).toEqual(['m', 'builtin/ca-1', 'off', 'off']);
});

test('tags of several inbounds are joined by key', () => {
  const networking = { inbound: [{ tags: { 'kuma.io/service': 'b', v: '1' } }, { tags: { 'kuma.io/service': 'a' } }] };
  expect(tagSummary({ type: 'Dataplane', name: 'd', networking })).toBe('kuma.io/service=a,b v=1');
});
