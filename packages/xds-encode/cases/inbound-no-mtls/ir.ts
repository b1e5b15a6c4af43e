import type { ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';

export const ir: ProxyIr = {
  mesh: 'open',
  name: 'api-1',
  listeners: [
    {
      kind: 'inbound',
      name: 'inbound:127.0.0.1:10090',
      address: { address: '127.0.0.1', port: 10090 },
      tags: { 'kuma.io/service': 'api', 'kuma.io/protocol': 'grpc' },
      tls: { kind: 'none' },
      handler: {
        kind: 'http',
        protocol: 'grpc',
        statPrefix: 'localhost_9090',
        routeConfig: 'inbound:api',
        forwardClientCertificate: false,
        timeouts: {},
        filters: [],
      },
    },
  ],
  routes: [
    {
      name: 'inbound:api',
      host: 'api',
      direction: 'inbound',
      domains: ['*'],
      routes: [
        {
          name: '/',
          match: { path: { kind: 'prefix', value: '/' }, headers: [], queryParams: [] },
          action: { kind: 'forward', clusters: [{ cluster: 'localhost:9090', weight: 1 }], timeouts: {}, mirrors: [] },
          requestHeaders: { set: [], add: [], remove: [] },
          responseHeaders: { set: [], add: [], remove: [] },
        },
      ],
      stripRequestHeaders: ['x-kuma-tags'],
      setRequestHeaders: [],
    },
  ],
  clusters: [
    {
      name: 'localhost:9090',
      altStatName: 'localhost_9090',
      role: 'application',
      discovery: { kind: 'static', address: { address: '127.0.0.1', port: 9090 } },
      protocol: 'grpc',
      timeouts: {},
    },
  ],
  endpoints: [],
  secrets: [],
};
