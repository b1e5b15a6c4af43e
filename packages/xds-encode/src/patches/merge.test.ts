import { schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { expect, it } from 'vitest';
import type { JsonObject } from './json.ts';
import { mergeMessage } from './merge.ts';

const cluster = schemaOf('envoy.config.cluster.v3.Cluster')!;

it.each<[string, JsonObject, JsonObject, JsonObject]>([
  ['replaces values', { connectTimeout: '1s', name: 'a' }, { connect_timeout: '2s' }, { connectTimeout: '2s', name: 'a' }],
  [
    'takes false and zero for what they are',
    { respectDnsTtl: true, perConnectionBufferLimitBytes: 5 },
    { respectDnsTtl: false, perConnectionBufferLimitBytes: 0 },
    { respectDnsTtl: false, perConnectionBufferLimitBytes: 0 },
  ],
  [
    'merges messages in messages',
    { upstreamConnectionOptions: { tcpKeepalive: { keepaliveTime: 1, keepaliveProbes: 2 } } },
    { upstream_connection_options: { tcp_keepalive: { keepalive_time: 3 } } },
    { upstreamConnectionOptions: { tcpKeepalive: { keepaliveTime: 3, keepaliveProbes: 2 } } },
  ],
  [
    'adds to lists',
    { healthChecks: [{ timeout: '1s' }] },
    { healthChecks: [{ timeout: '2s' }] },
    { healthChecks: [{ timeout: '1s' }, { timeout: '2s' }] },
  ],
  [
    'adds to maps, entry by entry',
    { metadata: { filterMetadata: { a: { x: 1, y: 1 }, b: { x: 1 } } } },
    { metadata: { filterMetadata: { a: { x: 2 }, c: {} } } },
    { metadata: { filterMetadata: { a: { x: 2 }, b: { x: 1 }, c: {} } } },
  ],
  ['takes one member of a oneof for another', { type: 'STATIC' }, { clusterType: { name: 'x' } }, { clusterType: { name: 'x' } }],
  [
    'replaces packed messages whole',
    { transportSocket: { name: 'a', typedConfig: { '@type': 'x/A', sni: 'b' } } },
    { transportSocket: { typedConfig: { '@type': 'x/A' } } },
    { transportSocket: { name: 'a', typedConfig: { '@type': 'x/A' } } },
  ],
  ['leaves what is null', { name: 'a' }, { name: null }, { name: 'a' }],
])('merging %s', (_, target, part, merged) => {
  expect(mergeMessage(cluster, target, part)).toEqual(merged);
});
