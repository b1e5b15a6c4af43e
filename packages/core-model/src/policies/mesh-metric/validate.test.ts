import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';
import { metricsCollector } from './collector-address.ts';

const at = 'spec.default';

function fields(conf: object): string[] {
  const parsed = parseResource({ type: 'MeshMetric', mesh: 'default', name: 'a', spec: { default: conf } });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field);
}

const prometheus = (more: object = {}) => ({ type: 'Prometheus', prometheus: more });
const otel = (more: object = {}) => ({ type: 'OpenTelemetry', openTelemetry: { endpoint: 'otel:4317', ...more } });

const backendRef = { kind: 'MeshOpenTelemetryBackend', name: 'otel' };
const referring = { type: 'OpenTelemetry', openTelemetry: { backendRef } };

test.each<[string, object, string[]]>([
  ['an endpoint', { backends: [prometheus()] }, []],
  ['two endpoints', { backends: [prometheus(), prometheus({ port: 5671, clientId: 'second' })] }, []],
  ['a collector', { backends: [otel({ refreshInterval: '30s' })] }, []],
  ['an empty address', { applications: [{ port: 8888, address: '' }] }, []],
  [
    'profiles',
    { sidecar: { profiles: { appendProfiles: [{ name: 'None' }], include: [{ type: 'Regex', match: 'rq_(2|5)xx' }] } } },
    [],
  ],
  ['an unknown type', { backends: [{ type: 'Nope' }] }, [`${at}.backends[0].type`]],
  ['nothing', {}, [at]],
  [
    'an unknown profile',
    { sidecar: { profiles: { appendProfiles: [{ name: 'all' }] } } },
    [`${at}.sidecar.profiles.appendProfiles[0].name`],
  ],
  [
    'a bad expression',
    { sidecar: { profiles: { exclude: [{ type: 'Regex', match: '(' }] } } },
    [`${at}.sidecar.profiles.exclude[0].match`],
  ],
  ['a bad expression for all', { sidecar: { regex: '(' } }, [`${at}.sidecar.regex`]],
  ['a bad expression that is none', { sidecar: { profiles: { exclude: [{ type: 'Exact', match: '(' }] } } }, []],
  ['an application without a port', { applications: [{ path: '/metrics' }] }, [`${at}.applications[0].port`]],
  ["an application's path without slash", { applications: [{ port: 1, path: 'metrics/prometheus' }] }, []],
  ["an application's path with a query", { applications: [{ port: 1, path: 'm?a=b' }] }, [`${at}.applications[0].path`]],
  ['an application elsewhere', { applications: [{ port: 1, address: 'a b' }] }, [`${at}.applications[0].address`]],
  ['a path without slash', { backends: [prometheus({ path: 'metrics' })] }, [`${at}.backends[0].prometheus.path`]],
  ['a port out of range', { backends: [prometheus({ port: 70_000 })] }, [`${at}.backends[0].prometheus.port`]],
  ['a backend without its configuration', { backends: [{ type: 'Prometheus' }] }, [`${at}.backends[0].prometheus`]],
  ["another backend's configuration", { backends: [{ ...otel(), prometheus: {} }] }, [`${at}.backends[0].prometheus`]],
  [
    'two endpoints at one port',
    { backends: [prometheus(), prometheus({ clientId: 'b' })] },
    [`${at}.backends[1].prometheus.port`],
  ],
  ['one client twice', { backends: [prometheus(), prometheus({ port: 1 })] }, [`${at}.backends[1].prometheus.clientId`]],
  [
    'a collector over HTTP',
    { backends: [otel({ endpoint: 'http://otel:4318/v1/metrics' })] },
    [`${at}.backends[0].openTelemetry.endpoint`],
  ],
  ['a reference to a collector twice', { backends: [referring, referring] }, [`${at}.backends[1].openTelemetry.backendRef`]],
  ['a collector twice', { backends: [otel(), otel({ endpoint: 'http://otel' })] }, [`${at}.backends[1].openTelemetry.endpoint`]],
  [
    'no time between exports',
    { backends: [otel({ refreshInterval: '0s' })] },
    [`${at}.backends[0].openTelemetry.refreshInterval`],
  ],
])('with %s', (_, conf, expected) => {
  expect(fields(conf)).toEqual(expected);
});

test.each([
  ['otel', 'otel', 4317, false, 'otel-4317'],
  ['otel.example.com:4318', 'otel.example.com', 4318, false, 'otel.example.com-4318'],
  ['http://10.0.0.1:4317', '10.0.0.1', 4317, false, '10.0.0.1-4317'],
  ['https://otel/', 'otel', 4317, true, 'otel-4317'],
  ['[fd00::1]:4317', 'fd00::1', 4317, false, 'fd00-1-4317'],
])('the collector at %s', (endpoint, host, port, tls, name) => {
  expect(metricsCollector(endpoint)).toEqual({ address: { address: host, port }, tls, name });
});
