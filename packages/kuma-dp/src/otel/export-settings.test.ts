import type { OtelConfigBackend } from '@kuma-mesh/core-model/policies/otel-config.ts';
import { expect, test } from 'vitest';
import { inventoryOf, readOtelEnvironment } from './environment.ts';
import { exportSettings } from './export-settings.ts';

const envPolicy = { mode: 'Optional', precedence: 'EnvFirst', allowSignalOverrides: true } as const;
const backend: OtelConfigBackend = {
  name: 'otel',
  socketPath: '/run/otel.sock',
  endpoint: 'collector:4317',
  useHTTP: false,
  envPolicy,
};

function settings(
  variables: Record<string, string>,
  more: Partial<OtelConfigBackend> = {},
  signal: 'traces' | 'logs' = 'traces',
) {
  const env = Object.fromEntries(Object.entries(variables).map(([name, value]) => [`OTEL_EXPORTER_OTLP_${name}`, value]));
  const { environment } = readOtelEnvironment(env);
  return exportSettings({ ...backend, ...more }, signal, { environment, ownHost: '192.168.0.9' });
}

const method = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const plain = { protocol: 'grpc', path: method, tls: false, headers: {}, gzip: false, timeout: 10_000 };

test('without variables the own fields of a backend count, and the usual ones where it has none', () => {
  expect(settings({})).toEqual({ ...plain, host: 'collector', port: 4317 });
  expect(settings({}, { endpoint: ':4317' })).toEqual({ ...plain, host: '192.168.0.9', port: 4317 });
  expect(settings({}, { endpoint: '[::1]:443', useHTTP: true, useHTTPS: true, path: '/otlp/' })).toEqual({
    ...plain,
    host: '::1',
    port: 443,
    protocol: 'http',
    path: '/otlp/v1/traces',
    tls: {},
  });
});

test('variables come first, those of the signal before those of all', () => {
  const variables = {
    ENDPOINT: 'https://gateway:4318/base',
    PROTOCOL: 'http/protobuf',
    HEADERS: 'authorization=Bearer%20a, X-Tenant = b',
    TIMEOUT: '2000',
    COMPRESSION: 'gzip',
    TRACES_ENDPOINT: 'http://tempo:4318/spans',
  };
  const shared = { protocol: 'http', headers: { authorization: 'Bearer a', 'x-tenant': 'b' }, gzip: true, timeout: 2_000 };
  expect(settings(variables)).toEqual({ ...shared, host: 'tempo', port: 4318, path: '/spans', tls: false });
  expect(settings(variables, {}, 'logs')).toEqual({ ...shared, host: 'gateway', port: 4318, path: '/base/v1/logs', tls: {} });
});

test('a backend can come before its variables, which then fill the gaps', () => {
  const variables = { ENDPOINT: 'http://gateway:4318', PROTOCOL: 'http/protobuf', HEADERS: 'a=b' };
  const explicit = { envPolicy: { ...envPolicy, precedence: 'ExplicitFirst' as const } };
  expect(settings(variables, explicit)).toEqual({ ...plain, host: 'collector', port: 4317, headers: { a: 'b' } });
  expect(settings(variables, { ...explicit, endpoint: ':4317' })).toMatchObject({
    host: 'gateway',
    port: 4318,
    protocol: 'grpc',
  });
});

test('a backend can do without variables of single signals, or without any', () => {
  const variables = { ENDPOINT: 'http://gateway:1', TRACES_ENDPOINT: 'http://tempo:2' };
  expect(settings(variables, { envPolicy: { ...envPolicy, allowSignalOverrides: false } })).toMatchObject({ host: 'gateway' });
  expect(settings(variables, { envPolicy: { ...envPolicy, mode: 'Disabled' } })).toMatchObject({ host: 'collector' });
  expect(settings(variables, { traces: { blockedReasons: ['MultipleBackendsForSignal'] } })).toMatchObject({ host: 'collector' });
});

test.each<[string, Record<string, string>, boolean]>([
  ['http', { ENDPOINT: 'http://a:1', INSECURE: 'false' }, false],
  ['https', { ENDPOINT: 'https://a:1', INSECURE: 'true' }, true],
  ['no scheme, and INSECURE', { ENDPOINT: 'a:1', INSECURE: 'true' }, false],
  ['no scheme, and INSECURE that is false', { ENDPOINT: 'a:1', INSECURE: 'FALSE' }, true],
  ['a certificate for the own address of the backend', { CERTIFICATE: import.meta.filename }, true],
])('TLS is spoken as %s says', (_, variables, secure) => {
  expect(settings(variables).tls !== false).toBe(secure);
});

test('variables that cannot be used are named, without their values', () => {
  const { environment, problems } = readOtelEnvironment({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'unix:///secret',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'secret',
    OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '10s',
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: '/nowhere/secret.pem',
    OTEL_EXPORTER_OTLP_COMPRESSION: '',
  });
  expect(environment).toEqual({ shared: {}, traces: {}, metrics: {}, logs: {} });
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE',
    'OTEL_EXPORTER_OTLP_METRICS_TIMEOUT',
    'OTEL_EXPORTER_OTLP_LOGS_HEADERS',
  ]);
  expect(problems.join()).not.toContain('secret');
});

test('the control plane is told which variables there are, and nothing of what they say', () => {
  const { environment } = readOtelEnvironment({
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://secret',
  });
  expect(inventoryOf(environment)).toEqual({
    pipeEnabled: true,
    shared: { headersPresent: true },
    logs: { endpointPresent: true },
  });
  expect(inventoryOf(readOtelEnvironment({}).environment)).toBeUndefined();
});
