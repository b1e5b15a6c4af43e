import type { AccessLogIr, ClusterIr, PassthroughIr, PassthroughListenerIr, ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';

function listener(name: string, address: string, passes: PassthroughIr): PassthroughListenerIr {
  return { kind: 'passthrough', name, address: { address, port: 15001 }, passes };
}

function cluster(name: string, protocol: ClusterIr['protocol'], discovery: ClusterIr['discovery']): ClusterIr {
  return { name, role: 'passthrough', discovery, protocol, timeouts: { connect: 5_000 } };
}

function toFile(path: string): AccessLogIr {
  return { kind: 'file', path, format: { kind: 'plain', line: [{ kind: 'text', text: 'external' }], omitEmpty: false } };
}

const range = { address: '10.0.0.0', prefixLength: 8 };

export const ir: ProxyIr = {
  mesh: 'default',
  name: 'web-1',
  listeners: [
    listener('outbound:passthrough:ipv4', '127.0.0.1', {
      kind: 'matched',
      chains: [
        { name: 'any-tls', port: 443, carries: { kind: 'tls', cluster: 'example.com:443' } },
        { name: 'tls', port: 443, carries: { kind: 'tls', serverName: '*.example.com', cluster: 'original' } },
        {
          name: 'requests',
          port: 80,
          carries: {
            kind: 'requests',
            hosts: [
              { domain: 'example.com', cluster: 'example.com:80' },
              { domain: '*.example.com', cluster: 'original-http2' },
            ],
          },
        },
        {
          name: 'all-requests',
          port: 80,
          range,
          carries: { kind: 'requests', hosts: [{ domain: '*', cluster: 'original-http2' }] },
        },
        { name: 'bytes', range, carries: { kind: 'plain', cluster: 'original' } },
        { name: 'mysql', port: 3306, range, carries: { kind: 'plain', cluster: 'original' } },
        { name: 'smtp', port: 25, range, carries: { kind: 'plain', cluster: 'original' } },
      ],
      unreadPorts: [25, 3306],
    }),
    listener('unread', '127.0.0.2', {
      kind: 'matched',
      chains: [{ name: 'mysql', port: 3306, carries: { kind: 'plain', cluster: 'original' } }],
      unreadPorts: [3306],
    }),
    listener('one-port-unread', '127.0.0.3', {
      kind: 'matched',
      chains: [
        { name: 'mysql', port: 3306, carries: { kind: 'plain', cluster: 'original' } },
        { name: 'tls', carries: { kind: 'tls', serverName: 'example.com', cluster: 'original' } },
      ],
      unreadPorts: [3306],
    }),
    listener('nothing-for-this-family', '127.0.0.4', { kind: 'matched', chains: [], unreadPorts: [] }),
    listener('none', '127.0.0.5', { kind: 'none' }),
    listener('all', '127.0.0.6', { kind: 'all', cluster: 'original' }),
    {
      ...listener('logged', '127.0.0.7', {
        kind: 'matched',
        chains: [
          {
            name: 'requests',
            port: 80,
            carries: { kind: 'requests', hosts: [{ domain: 'example.com', cluster: 'example.com:80' }] },
          },
          { name: 'bytes', range, carries: { kind: 'plain', cluster: 'original' } },
        ],
        unreadPorts: [],
      }),
      accessLogs: { connections: [toFile('/dev/stdout')], requests: [toFile('/dev/stderr')] },
    },
  ],
  routes: [],
  clusters: [
    cluster('original', 'tcp', { kind: 'original' }),
    cluster('original-http2', 'http2', { kind: 'original' }),
    cluster('example.com:80', 'http', { kind: 'dns', address: { address: 'example.com', port: 80 } }),
    cluster('example.com:443', 'tcp', { kind: 'dns', address: { address: 'example.com', port: 443 } }),
  ],
  endpoints: [],
  secrets: [],
};
