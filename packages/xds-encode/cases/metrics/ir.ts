import type { MetricsListenerIr, MetricsTlsIr, ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';

const cluster = '_kuma:metrics:hijacker';
// From where tests run.
const files = 'packages/xds-encode/src/testing/certificates';

function listener(backend: string, port: number, tls: MetricsTlsIr): MetricsListenerIr {
  return {
    kind: 'metrics',
    name: `_kuma:metrics:prometheus:${backend}`,
    address: { address: '127.0.0.1', port },
    path: '/metrics',
    cluster,
    clusterPath: '/meshmetric',
    tls,
  };
}

export const ir: ProxyIr = {
  mesh: 'default',
  name: 'web-1',
  listeners: [
    listener('default-backend', 5670, { kind: 'none' }),
    listener('with-files', 5671, { kind: 'files', certificate: `${files}/web.pem`, key: `${files}/web-key.pem` }),
    listener('of-the-mesh', 5672, {
      kind: 'strict',
      identitySecret: 'identity_cert:secret:default',
      caSecret: 'mesh_ca:secret:default',
      clientSanPrefix: 'spiffe://default/',
    }),
    {
      kind: 'sidecar-config',
      name: '_kuma:dynamicconfig',
      socket: '/run/kuma/kuma-mesh-metric-config.sock',
      // Longer than Envoy allows unless it is told.
      documents: [{ path: '/meshmetric', body: JSON.stringify({ applications: 'é'.repeat(2100) }) }],
    },
    {
      kind: 'collector-pipe',
      name: '_kuma:metrics:opentelemetry:listener:otel-4317',
      socket: '/run/kuma/kuma-otel-0123456789abcdef.sock',
      collector: {
        cluster: '_kuma:metrics:opentelemetry:cluster:otel-4317',
        address: { address: 'otel', port: 4317 },
        protocol: 'grpc',
        tls: false,
      },
    },
    {
      kind: 'collector-pipe',
      name: '_kuma:metrics:opentelemetry:listener:otel',
      socket: '/run/kuma/kuma-otel-fedcba9876543210.sock',
      collector: {
        cluster: '_kuma:metrics:opentelemetry:cluster:otel',
        address: { address: 'otel.example', port: 4318 },
        protocol: 'http',
        tls: false,
      },
    },
  ],
  routes: [],
  clusters: [
    {
      name: cluster,
      altStatName: '_kuma_metrics_hijacker',
      role: 'metrics',
      discovery: { kind: 'pipe', path: '/run/kuma/kuma-mh-web-1-default.sock' },
      protocol: 'http',
      timeouts: { connect: 5_000 },
    },
    {
      name: '_kuma:metrics:opentelemetry:cluster:otel-4317',
      role: 'collector',
      discovery: { kind: 'dns', address: { address: 'otel', port: 4317 } },
      protocol: 'grpc',
      timeouts: {},
    },
    {
      name: '_kuma:metrics:opentelemetry:cluster:otel',
      role: 'collector',
      discovery: { kind: 'dns', address: { address: 'otel.example', port: 4318 } },
      protocol: 'http',
      timeouts: {},
    },
  ],
  endpoints: [],
  secrets: [],
};
