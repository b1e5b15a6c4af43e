import { schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { expect, it } from 'vitest';
import type { JsonObject } from './json.ts';
import { applySteps } from './json-patch.ts';

const cluster = schemaOf('envoy.config.cluster.v3.Cluster')!;
const tlsType = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';
const apply = (message: JsonObject, ...steps: Parameters<typeof applySteps>[2]) => applySteps(cluster, message, steps);

it.each<[string, JsonObject, Parameters<typeof applySteps>[2][number], JsonObject]>([
  ['adds a member', {}, { op: 'add', path: '/name', value: 'a' }, { name: 'a' }],
  ['adds what has no parents yet', {}, { op: 'add', path: '/a/0/b', value: 1 }, { a: [{ b: 1 }] }],
  ['inserts into a list', { a: [1, 3] }, { op: 'add', path: '/a/1', value: 2 }, { a: [1, 2, 3] }],
  ['adds to the end of a list', { a: [1] }, { op: 'add', path: '/a/-', value: 2 }, { a: [1, 2] }],
  ['replaces', { a: [1, 2] }, { op: 'replace', path: '/a/-1', value: 3 }, { a: [1, 3] }],
  ['replaces what has its default and so is not there', {}, { op: 'replace', path: '/name', value: 'a' }, { name: 'a' }],
  ['removes', { a: { b: 1, c: [1, 2] } }, { op: 'remove', path: '/a/c/0' }, { a: { b: 1, c: [2] } }],
  ['removes nothing where nothing is', { a: 1 }, { op: 'remove', path: '/b/c' }, { a: 1 }],
  ['copies', { a: 1 }, { op: 'copy', from: '/a', path: '/b' }, { a: 1, b: 1 }],
  ['moves', { a: [1, 2] }, { op: 'move', from: '/a/0', path: '/a/1' }, { a: [2, 1] }],
  ['reads escapes', { 'a/b': 1, '~1': 2 }, { op: 'remove', path: '/~01' }, { 'a/b': 1 }],
  [
    'finds fields in either spelling, also inside of packed messages and not among keys of a map',
    {
      loadAssignment: { clusterName: 'a' },
      typedExtensionProtocolOptions: { cluster_name: { '@type': tlsType, commonTlsContext: { alpnProtocols: ['a'] } } },
    },
    { op: 'replace', path: '/typed_extension_protocol_options/cluster_name/common_tls_context/alpn_protocols/0', value: 'b' },
    {
      loadAssignment: { clusterName: 'a' },
      typedExtensionProtocolOptions: { cluster_name: { '@type': tlsType, commonTlsContext: { alpnProtocols: ['b'] } } },
    },
  ],
  [
    'spells the fields of its value as others are, wherever it goes',
    { typedExtensionProtocolOptions: { cluster_name: { '@type': tlsType } } },
    {
      op: 'add',
      path: '/typed_extension_protocol_options/cluster_name/common_tls_context',
      value: { tls_params: { tls_minimum_protocol_version: 'TLSv1_3' } },
    },
    {
      typedExtensionProtocolOptions: {
        cluster_name: { '@type': tlsType, commonTlsContext: { tlsParams: { tlsMinimumProtocolVersion: 'TLSv1_3' } } },
      },
    },
  ],
  [
    'spells the fields of an item of a list',
    { healthChecks: [{ timeout: '1s' }] },
    { op: 'add', path: '/health_checks/-', value: { unhealthy_threshold: 2 } },
    { healthChecks: [{ timeout: '1s' }, { unhealthyThreshold: 2 }] },
  ],
  [
    'takes free JSON as it is',
    { metadata: { filterMetadata: { a: {} } } },
    { op: 'add', path: '/metadata/filter_metadata/a/null_value', value: { cluster_name: 1 } },
    { metadata: { filterMetadata: { a: { null_value: { cluster_name: 1 } } } } },
  ],
])('a step %s', (_, before, step, after) => {
  expect(apply(before, step)).toEqual(after);
});

it('copies no more than there is memory for, as where each copy holds those before', () => {
  const copies = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ op: 'copy' as const, from: '/a', path: `/a/${i}` }));
  expect(JSON.stringify(apply({ a: { b: 'text' } }, ...copies(10))).match(/text/g)).toHaveLength(2 ** 10);
  expect(() => apply({ a: { b: 'text' } }, ...copies(100))).toThrow(/^jsonPatches\[1\d\]: .* more than 100,000/);
  expect(() => apply({ a: { ['b'.repeat(30_000)]: 1 } }, ...copies(100))).toThrow(/^jsonPatches\[2\]: .* more than 100,000/);
});

it('follows no path without end', () => {
  const path = '/a'.repeat(100_000);
  for (const step of [
    { op: 'add' as const, path, value: 1 },
    { op: 'copy' as const, from: path, path: '/a' },
  ])
    expect(() => apply({}, step)).toThrow('jsonPatches[0]: must not lead through more than 500 places');
});

it.each<[string, Parameters<typeof applySteps>[2][number]]>([
  ['there is nothing at /b', { op: 'copy', from: '/b', path: '/c' }],
  ['a list of 1 has no place 5', { op: 'add', path: '/a/5', value: 1 }],
  ['x is no place in a list', { op: 'add', path: '/a/x', value: 1 }],
  ['b cannot be in "text"', { op: 'add', path: '/name/b', value: 1 }],
])('%s: such a step cannot be applied', (message, step) => {
  const before = { a: [1], name: 'text' };
  expect(() => apply(before, { op: 'remove', path: '/none' }, step)).toThrow(`jsonPatches[1]: ${message}`);
  expect(before).toEqual({ a: [1], name: 'text' });
});
