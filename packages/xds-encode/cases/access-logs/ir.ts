import type { AccessLogIr, ProxyIr, TemplateIr } from '@kuma-mesh/core-model/ir/index.ts';

const line: TemplateIr = [
  { kind: 'text', text: '100% ' },
  { kind: 'operator', name: 'REQ', argument: ':METHOD?X-METHOD', maxLength: 3 },
  { kind: 'client-service' },
  { kind: 'client-address', port: true },
  { kind: 'client-address', port: false },
  { kind: 'permission' },
];
const fields = [
  { key: 'start', value: [{ kind: 'operator', name: 'START_TIME', argument: '%s.%3f' }] },
  { key: 'permission', value: [{ kind: 'permission' }] },
] as const;
const cluster = 'meshaccesslog:opentelemetry:collector.example:4317';
const overHttp = 'meshaccesslog:opentelemetry:otel';

const logs: readonly AccessLogIr[] = [
  { kind: 'file', path: '/dev/stdout', format: { kind: 'plain', line, omitEmpty: false } },
  { kind: 'file', path: '/tmp/access.log', format: { kind: 'json', fields, omitEmpty: true } },
  { kind: 'tcp', server: 'logs.example:5000', pipe: '/tmp/kuma-al.sock', format: { kind: 'plain', line, omitEmpty: false } },
  { kind: 'tcp', server: 'logs.example:5000', pipe: '/tmp/kuma-al.sock', format: { kind: 'json', fields, omitEmpty: false } },
  // A sidecar without a pipe gets none of these.
  { kind: 'tcp', server: 'logs.example:5000', format: { kind: 'json', fields, omitEmpty: false } },
  {
    kind: 'collected',
    collector: { cluster, address: { address: 'collector.example', port: 4317 }, protocol: 'grpc', tls: false },
    body: {
      kind: 'map',
      entries: [
        { key: 'text', value: { kind: 'text', text: line } },
        {
          key: 'others',
          value: {
            kind: 'list',
            values: [
              { kind: 'boolean', value: true },
              { kind: 'integer', value: 1 },
              { kind: 'double', value: 0.5 },
              { kind: 'bytes', value: 'aGVsbG8=' },
            ],
          },
        },
      ],
    },
    attributes: [{ key: 'duration', value: [{ kind: 'operator', name: 'DURATION' }] }],
    resource: [{ key: 'kuma.mesh', value: [{ kind: 'text', text: 'default' }] }],
  },
  {
    kind: 'collected',
    collector: { cluster: overHttp, address: { address: 'collector.example', port: 443 }, protocol: 'http', tls: true },
    path: '/otlp/v1/logs',
    body: { kind: 'text', text: line },
    attributes: [],
    resource: [],
  },
  // A collector that is not there gets none of these.
  { kind: 'referred', backend: { name: 'gone' }, body: { kind: 'text', text: line }, attributes: [], resource: [] },
];

export const ir: ProxyIr = {
  mesh: 'default',
  name: 'web-1',
  listeners: [
    {
      kind: 'inbound',
      name: 'inbound:127.0.0.1:8080',
      address: { address: '127.0.0.1', port: 8080 },
      tags: {},
      tls: { kind: 'none' },
      handler: {
        kind: 'http',
        protocol: 'http',
        statPrefix: 'localhost_18080',
        routeConfig: 'inbound:web',
        forwardClientCertificate: false,
        timeouts: {},
        filters: [],
        accessLogs: [
          { ...logs[0]!, routes: { kind: 'except', names: ['kri_mhttpr_default_default__api_', "o'hara"] } },
          { ...logs[0]!, routes: { kind: 'only', names: ['kri_mhttpr_default_default__api_'] } },
          ...logs.slice(1),
        ],
      },
    },
    {
      kind: 'outbound',
      name: 'outbound:127.0.0.1:20080',
      address: { address: '127.0.0.1', port: 20080 },
      tags: {},
      handler: { kind: 'tcp', statPrefix: 'database', clusters: [{ cluster, weight: 1 }], filters: [], accessLogs: logs },
    },
  ],
  routes: [
    {
      name: 'inbound:web',
      host: 'web',
      direction: 'inbound',
      domains: ['*'],
      routes: [],
      stripRequestHeaders: [],
      setRequestHeaders: [],
    },
  ],
  clusters: [
    {
      name: cluster,
      role: 'collector',
      discovery: { kind: 'dns', address: { address: 'collector.example', port: 4317 } },
      protocol: 'grpc',
      timeouts: {},
    },
  ],
  endpoints: [],
  secrets: [],
};
