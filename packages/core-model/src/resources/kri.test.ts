import { expect, test } from 'vitest';
import { kriOf, parseKri } from './kri.ts';

test.each([
  [
    'kri_mt_default_default__t1_',
    { type: 'MeshTimeout', mesh: 'default', name: 't1', labels: { 'kuma.io/zone': 'default' } },
    '',
  ],
  ['kri_m____default_', { type: 'Mesh', mesh: '', name: 'default', labels: {} }, ''],
  ['kri_dp_m_default__d_main', { type: 'Dataplane', mesh: 'm', name: 'd', labels: { 'kuma.io/zone': 'default' } }, 'main'],
  [
    'kri_mt_m_east_ns_t_',
    {
      type: 'MeshTimeout',
      mesh: 'm',
      name: 't.ns',
      labels: { 'kuma.io/zone': 'east', 'k8s.kuma.io/namespace': 'ns', 'kuma.io/display-name': 't' },
    },
    '',
  ],
])('%s names a resource', (kri, resource, section) => {
  expect(kriOf(resource, section)).toBe(kri);
  expect(parseKri(kri)).toMatchObject({ type: resource.type, mesh: resource.mesh, section });
});

test('a kind without short name has none', () => {
  expect(kriOf({ type: 'Secret', mesh: 'm', name: 's', labels: {} })).toBe('');
});

test.each(['', 'kri', 'kri_mt_default', 'kri_xx_a_b_c_d_', 'kr_mt_a_b_c_d_', 'kri_mt_a_b_c__', 'kri_mt_a_b_c_d_e_f'])(
  '%j is malformed',
  (text) => {
    expect(parseKri(text)).toBeUndefined();
  },
);
