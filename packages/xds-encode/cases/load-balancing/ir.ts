import type { ClusterIr, HashPolicyIr, LoadBalancerIr, LocalityIr, ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';

const destination = (name: string, more: Partial<ClusterIr>): ClusterIr => ({
  name,
  role: 'destination',
  discovery: { kind: 'endpoints', name },
  protocol: 'http',
  timeouts: {},
  ...more,
});

const balanced = (name: string, loadBalancer: LoadBalancerIr) => destination(name, { loadBalancer });

const hashPolicies: HashPolicyIr[] = [
  { kind: 'header', name: 'x-user', terminal: true },
  { kind: 'cookie', name: 'session', ttl: 0, path: '/', terminal: false },
  { kind: 'cookie', name: 'given', terminal: false },
  { kind: 'query-parameter', name: 'user', terminal: false },
  { kind: 'filter-state', key: 'some.object', terminal: false },
  { kind: 'source-ip', terminal: false },
];

const locality = (address: string, more: Partial<LocalityIr>): LocalityIr => ({
  zone: 'east',
  priority: 0,
  endpoints: [{ address, port: 8080, tags: {}, labels: {} }],
  ...more,
});

export const ir: ProxyIr = {
  mesh: 'default',
  name: 'web-1',
  listeners: [
    {
      kind: 'outbound',
      name: 'outbound:127.0.0.1:20080',
      address: { address: '127.0.0.1', port: 20080 },
      tags: {},
      handler: {
        kind: 'http',
        protocol: 'http',
        statPrefix: 'ring',
        routeConfig: 'outbound:ring',
        forwardClientCertificate: false,
        timeouts: {},
        filters: [],
      },
    },
    {
      kind: 'outbound',
      name: 'outbound:127.0.0.1:20081',
      address: { address: '127.0.0.1', port: 20081 },
      tags: {},
      handler: { kind: 'tcp', statPrefix: 'maglev', clusters: [{ cluster: 'maglev', weight: 1 }], hashPolicies, filters: [] },
    },
  ],
  routes: [
    {
      name: 'outbound:ring',
      host: 'ring',
      direction: 'outbound',
      domains: ['*'],
      routes: [
        {
          name: '/',
          match: { path: { kind: 'prefix', value: '/' }, headers: [], queryParams: [] },
          action: { kind: 'forward', clusters: [{ cluster: 'ring', weight: 1 }], timeouts: {}, hashPolicies, mirrors: [] },
          requestHeaders: { set: [], add: [], remove: [] },
          responseHeaders: { set: [], add: [], remove: [] },
        },
      ],
      stripRequestHeaders: [],
      setRequestHeaders: [],
    },
  ],
  clusters: [
    balanced('round-robin', { kind: 'round-robin' }),
    balanced('random', { kind: 'random' }),
    balanced('least', { kind: 'least-request' }),
    balanced('least-of-four', { kind: 'least-request', choices: 4, activeRequestBias: 0.5 }),
    balanced('ring', { kind: 'ring-hash' }),
    balanced('small-ring', { kind: 'ring-hash', hashFunction: 'murmur-hash-2', minRingSize: 10, maxRingSize: 20 }),
    balanced('maglev', { kind: 'maglev' }),
    balanced('small-maglev', { kind: 'maglev', tableSize: 1009 }),
    destination('near', {
      loadBalancer: { kind: 'ring-hash' },
      nearness: { affinity: [{ tag: 'rack', weight: 9 }], failover: [] },
      panicThreshold: 10,
      failTrafficOnPanic: true,
    }),
    destination('other-zones', { nearness: { affinity: [], failover: [{ to: { kind: 'any' } }] } }),
  ],
  endpoints: [
    {
      name: 'near',
      localities: [
        locality('127.0.0.2', { subZone: '', weight: 1 }),
        locality('127.0.0.3', { subZone: 'rack=r1', weight: 9 }),
        locality('127.0.0.4', { zone: '', subZone: 'rack=r1', weight: 9 }),
      ],
      failoverPercentage: 50,
    },
    {
      name: 'other-zones',
      localities: [locality('127.0.0.2', {}), locality('127.0.0.3', { zone: 'west', priority: 1 })],
      failoverPercentage: 70,
    },
  ],
  secrets: [],
};
