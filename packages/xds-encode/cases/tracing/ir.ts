import type { ClusterIr, CollectorIr, OutboundListenerIr, ProxyIr, SpanExporterIr } from '@kuma-mesh/core-model/ir/index.ts';

function traced(port: number, collector: CollectorIr, exporter: SpanExporterIr): OutboundListenerIr {
  return {
    kind: 'outbound',
    name: `outbound:127.0.0.1:${port}`,
    address: { address: '127.0.0.1', port },
    tags: {},
    handler: {
      kind: 'http',
      protocol: 'http',
      statPrefix: 'backend',
      routeConfig: 'outbound:backend',
      forwardClientCertificate: false,
      timeouts: {},
      filters: [],
      tracing: {
        collector,
        exporter,
        sampling: { overall: 12.5, client: 40 },
        tags: [
          { kind: 'literal', name: 'team', value: 'core' },
          { kind: 'header', name: 'env', header: 'x-env', default: 'prod' },
          { kind: 'header', name: 'version', header: 'x-version' },
        ],
      },
    },
  };
}

function collector(cluster: string, address: string, port: number, more: Partial<CollectorIr> = {}): CollectorIr {
  return { cluster, address: { address, port }, protocol: 'http', tls: false, ...more };
}

const zipkin = collector('meshtrace:zipkin', 'zipkin.example', 443, { tls: true });
const zipkinPlain = collector('zipkin-plain', '::1', 9411);
const datadog = collector('meshtrace:datadog', '127.0.0.1', 8126);
const otel = collector('meshtrace:opentelemetry', 'collector', 4317, { protocol: 'grpc' });
const otelHttp = collector('otel-http', '10.0.0.1', 4318, { tls: true });

function cluster({ cluster: name, address, protocol }: CollectorIr, more: Partial<ClusterIr> = {}): ClusterIr {
  return { name, role: 'collector', discovery: { kind: 'dns', address }, protocol, timeouts: {}, ...more };
}

const ids = { traceIdBits: 64, sharedSpan: true } as const;

export const ir: ProxyIr = {
  mesh: 'default',
  name: 'web-1',
  listeners: [
    traced(20001, zipkin, { kind: 'zipkin', path: '/api/v2/spans', format: 'json', ...ids }),
    traced(20002, zipkinPlain, { kind: 'zipkin', path: '/', format: 'protobuf', traceIdBits: 128, sharedSpan: false }),
    traced(20003, datadog, { kind: 'datadog', service: 'web_OUTBOUND_backend' }),
    traced(20004, otel, { kind: 'opentelemetry', service: 'web' }),
    traced(20005, otelHttp, { kind: 'opentelemetry', service: 'web', path: '/v1/traces' }),
  ],
  routes: [
    {
      name: 'outbound:backend',
      host: 'backend',
      direction: 'outbound',
      domains: ['*'],
      routes: [],
      stripRequestHeaders: [],
      setRequestHeaders: [],
    },
  ],
  clusters: [
    cluster(zipkin, { publicTls: { serverName: 'zipkin.example' } }),
    cluster(zipkinPlain),
    cluster(datadog),
    cluster(otel, { timeouts: { idle: 12_000, maxStreamDuration: 10_000 }, keepalive: { interval: 15_000, timeout: 5_000 } }),
    cluster(otelHttp, { publicTls: { serverName: '10.0.0.1', roots: '/etc/roots.pem' } }),
  ],
  endpoints: [],
  secrets: [],
};
