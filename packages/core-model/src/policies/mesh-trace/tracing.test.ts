import { expect, test } from 'vitest';
import type { MeshTrace_Backend } from '../../generated/types/kuma/mesh_trace.ts';
import { tracing } from './tracing.ts';

const outgoing = { service: 'web', destination: 'backend' };
const incoming = { service: 'web', destination: undefined };

function exported(backend: MeshTrace_Backend, side: Parameters<typeof tracing>[1] = incoming) {
  const { collector, exporter } = tracing({ backends: [backend] }, side)!;
  return { ...collector.address, protocol: collector.protocol, tls: collector.tls, exporter };
}

const zipkin = (more: object) => ({ type: 'Zipkin', zipkin: more }) as const;
const datadog = (more: object) => ({ type: 'Datadog', datadog: more }) as const;
const otel = (endpoint: string) => ({ type: 'OpenTelemetry', openTelemetry: { endpoint } }) as const;

test('Zipkin shares spans and has short ids unless it is told otherwise', () => {
  expect(exported(zipkin({ url: 'http://zipkin:9411/api/v2/spans' }))).toEqual({
    address: 'zipkin',
    port: 9411,
    protocol: 'http',
    tls: false,
    exporter: { kind: 'zipkin', path: '/api/v2/spans', format: 'json', traceIdBits: 64, sharedSpan: true },
  });
  const options = { apiVersion: 'httpProto', traceId128bit: true, sharedSpanContext: false };
  expect(exported(zipkin({ url: 'https://[::1]/spans?key=1', ...options }))).toEqual({
    address: '::1',
    port: 443,
    protocol: 'http',
    tls: true,
    exporter: { kind: 'zipkin', path: '/spans?key=1', format: 'protobuf', traceIdBits: 128, sharedSpan: false },
  });
});

test.each([
  [false, incoming, 'web'],
  [false, outgoing, 'web'],
  [true, incoming, 'web_INBOUND'],
  [true, outgoing, 'web_OUTBOUND_backend'],
])('Datadog, with the service split %s, calls %j the service %s', (splitService, side, service) => {
  expect(exported(datadog({ url: 'http://agent:8126', splitService }), side).exporter).toEqual({ kind: 'datadog', service });
});

test.each([
  ['collector', 'collector', 4317, 'grpc', false, undefined],
  ['collector:1234', 'collector', 1234, 'grpc', false, undefined],
  ['http://collector:4318', 'collector', 4318, 'http', false, '/v1/traces'],
  ['https://collector.example/', 'collector.example', 443, 'http', true, '/v1/traces'],
  ['http://collector/other', 'collector', 80, 'http', false, '/other'],
])('the OpenTelemetry endpoint %s is at %s, port %d, speaks %s', (endpoint, address, port, protocol, tls, path) => {
  const exporter = { kind: 'opentelemetry', service: 'web', ...(path && { path }) };
  expect(exported(otel(endpoint))).toEqual({ address, port, protocol, tls, exporter });
});

test('a tag without a value is no tag', () => {
  const backends = [zipkin({ url: 'http://zipkin:9411' })];
  const tags = [
    { name: 'a', literal: '' },
    { name: 'b', literal: 'x' },
  ];
  expect(tracing({ backends, tags }, incoming)?.tags).toEqual([{ kind: 'literal', name: 'b', value: 'x' }]);
});

test('a tag of the policy stands in for the one that all spans of the proxy have', () => {
  const usual = { kind: 'literal', name: 'kuma.zone', value: 'east' } as const;
  const backends = [zipkin({ url: 'http://zipkin:9411' })];
  const side = { ...incoming, tags: [usual] };
  expect(tracing({ backends }, side)?.tags).toEqual([usual]);
  const tags = [{ name: 'kuma.zone', header: { name: 'x-zone' } }];
  expect(tracing({ backends, tags }, side)?.tags).toEqual([{ kind: 'header', name: 'kuma.zone', header: 'x-zone' }]);
});
