import type { ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';

export const ir: ProxyIr = {
  mesh: 'default',
  name: 'web-1',
  listeners: [
    {
      kind: 'outbound',
      name: 'outbound:127.0.0.1:26379',
      address: { address: '127.0.0.1', port: 26379 },
      tags: { 'kuma.io/service': 'redis' },
      handler: {
        kind: 'tcp',
        statPrefix: 'redis',
        clusters: [
          { cluster: 'redis', weight: 80 },
          { cluster: 'redis-next', weight: 20 },
        ],
        idleTimeout: 0,
        maxConnectionDuration: 60_000,
        maxConnectAttempts: 5,
        filters: [],
      },
    },
    {
      kind: 'outbound',
      name: 'outbound:127.0.0.1:26380',
      address: { address: '127.0.0.1', port: 26380 },
      tags: {},
      handler: { kind: 'tcp', statPrefix: 'nobody', clusters: [], filters: [] },
    },
  ],
  routes: [],
  clusters: [
    {
      name: 'redis',
      role: 'destination',
      discovery: { kind: 'endpoints', name: 'redis' },
      protocol: 'tcp',
      timeouts: { connect: 5_000 },
    },
    {
      name: 'redis-next',
      role: 'destination',
      discovery: { kind: 'endpoints', name: 'redis-next' },
      protocol: 'kafka',
      timeouts: { connect: 5_000, idle: 1_000 },
    },
  ],
  endpoints: [
    {
      name: 'redis',
      localities: [{ zone: 'east', priority: 0, endpoints: [{ address: '127.0.0.2', port: 6379, tags: {}, labels: {} }] }],
    },
    { name: 'redis-next', localities: [] },
  ],
  secrets: [],
};
