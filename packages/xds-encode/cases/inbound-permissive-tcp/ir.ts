import type { PermissionIr, ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';

const origin = { kri: 'kri_mtp_default_default__redis_', ruleIndex: 0 };

/** Everybody in zone east but the batch jobs; of those let in, the debug proxies are counted as if they were refused. */
const permission: PermissionIr = {
  rules: [
    { action: 'Allow', client: { kind: 'tag', tag: 'kuma.io/zone', value: 'east', mesh: 'default' }, origin },
    { action: 'Deny', client: { kind: 'tag', tag: 'kuma.io/service', value: 'batch', mesh: 'default' }, origin },
    {
      action: 'AllowWithShadowDeny',
      client: {
        kind: 'and',
        of: [
          { kind: 'spiffeId', match: 'prefix', value: 'spiffe://default/debug' },
          { kind: 'not', of: { kind: 'spiffeId', match: 'exact', value: 'spiffe://default/debug-safe' } },
        ],
      },
      origin,
    },
  ],
};

export const ir: ProxyIr = {
  mesh: 'default',
  name: 'redis-1',
  listeners: [
    {
      kind: 'inbound',
      name: 'inbound:127.0.0.1:16379',
      address: { address: '127.0.0.1', port: 16379 },
      tags: { 'kuma.io/service': 'redis', 'kuma.io/protocol': 'tcp' },
      tls: {
        kind: 'permissive',
        identitySecret: 'identity_cert:secret:default',
        caSecret: 'mesh_ca:secret:default',
        clientSanPrefix: 'spiffe://default/',
      },
      handler: {
        kind: 'tcp',
        statPrefix: 'localhost_6379',
        clusters: [{ cluster: 'localhost:6379', weight: 1 }],
        idleTimeout: 7_200_000,
        filters: [{ kind: 'permission', permission }],
      },
    },
  ],
  routes: [],
  clusters: [
    {
      name: 'localhost:6379',
      altStatName: 'localhost_6379',
      role: 'application',
      discovery: { kind: 'static', address: { address: '127.0.0.1', port: 6379 } },
      protocol: 'tcp',
      timeouts: { connect: 10_000 },
    },
  ],
  endpoints: [],
  secrets: [],
};
