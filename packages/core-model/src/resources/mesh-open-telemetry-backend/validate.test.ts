import { expect, test } from 'vitest';
import { parseResource } from '../parse.ts';

function fields(more: object): string[] {
  const parsed = parseResource({ type: 'MeshOpenTelemetryBackend', mesh: 'default', name: 'a', ...more });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field);
}

const at = (endpoint: object, more: object = {}) => ({ spec: { endpoint, ...more } });

test.each<[string, object, string[]]>([
  ['no specification', {}, []],
  ['an empty specification', { spec: {} }, []],
  ['a port alone', at({ port: 4318 }), []],
  ['an address alone', at({ address: 'otel-collector.observability' }), []],
  ['an IPv6 address', at({ address: '2001:db8::1', port: 4317 }, { protocol: 'grpc' }), []],
  ['a path over HTTP', at({ address: '10.0.0.1', port: 4318, path: '/otlp' }, { protocol: 'http' }), []],
  ['an empty path', at({ path: '' }), []],
  [
    'everything of the environment',
    { spec: { env: { mode: 'Required', precedence: 'EnvFirst', allowSignalOverrides: false } } },
    [],
  ],
  ['an empty address', at({ address: '' }), ['spec.endpoint.address']],
  ['an address with a port', at({ address: 'otel:4317' }), ['spec.endpoint.address']],
  ['a URL as address', at({ address: 'http://otel' }), ['spec.endpoint.address']],
  ['ports out of range', at({ port: 65_536 }), ['spec.endpoint.port']],
  ['port 0', at({ port: 0 }), ['spec.endpoint.port']],
  ['a path over gRPC', at({ path: '/otlp' }), ['spec.endpoint.path']],
  ['a path without a slash', at({ path: 'otlp' }, { protocol: 'http' }), ['spec.endpoint.path']],
  ['a path with a query', at({ path: '/otlp?key=1' }, { protocol: 'http' }), ['spec.endpoint.path']],
  ['another protocol', { spec: { protocol: 'http/protobuf' } }, ['spec.protocol']],
  [
    'another mode and precedence',
    { spec: { env: { mode: 'On', precedence: 'First' } } },
    ['spec.env.mode', 'spec.env.precedence'],
  ],
  ['a misspelled field', { spec: { nodeEndpoint: { port: 4317 } } }, ['spec.nodeEndpoint']],
])('with %s', (_, more, expected) => {
  expect(fields(more)).toEqual(expected);
});
