import type { ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';

const policy = { kri: 'kri_mtp_default_default__backend_', ruleIndex: 0 };

export const ir: ProxyIr = {
  mesh: 'default',
  name: 'backend-1',
  listeners: [
    {
      kind: 'inbound',
      name: 'inbound:127.0.0.1:10080',
      address: { address: '127.0.0.1', port: 10080 },
      tags: { 'kuma.io/service': 'backend', 'kuma.io/protocol': 'http', version: 'v1' },
      tls: {
        kind: 'strict',
        identitySecret: 'identity_cert:secret:default',
        caSecret: 'mesh_ca:secret:default',
        clientSanPrefix: 'spiffe://default/',
      },
      handler: {
        kind: 'http',
        protocol: 'http',
        statPrefix: 'localhost_8080',
        routeConfig: 'inbound:backend',
        forwardClientCertificate: true,
        timeouts: { idle: 7_200_000, streamIdle: 3_600_000, request: 0, requestHeaders: 500 },
        filters: [{ kind: 'permission' }],
      },
    },
  ],
  routes: [
    {
      name: 'inbound:backend',
      host: 'backend',
      direction: 'inbound',
      domains: ['*'],
      routes: [
        {
          name: '/',
          match: { path: { kind: 'prefix', value: '/' }, headers: [], queryParams: [] },
          action: {
            kind: 'forward',
            clusters: [{ cluster: 'localhost:8080', weight: 1 }],
            timeouts: { request: 0 },
            mirrors: [],
          },
          requestHeaders: { set: [], add: [], remove: [] },
          responseHeaders: { set: [], add: [], remove: [] },
        },
      ],
      stripRequestHeaders: ['x-kuma-tags'],
      setRequestHeaders: [],
      permission: {
        rules: [
          {
            action: 'Allow',
            client: { kind: 'tag', tag: 'kuma.io/service', value: 'web', mesh: 'default' },
            origin: policy,
          },
          { action: 'Allow', client: { kind: 'spiffeId', match: 'prefix', value: 'spiffe://default/job-' }, origin: policy },
        ],
      },
    },
  ],
  clusters: [
    {
      name: 'localhost:8080',
      altStatName: 'localhost_8080',
      role: 'application',
      discovery: { kind: 'static', address: { address: '127.0.0.1', port: 8080 } },
      protocol: 'http',
      timeouts: { connect: 10_000, idle: 7_200_000 },
    },
  ],
  endpoints: [],
  secrets: [],
};
