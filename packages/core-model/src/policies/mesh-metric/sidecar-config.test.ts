import { expect, test } from 'vitest';
import { metricsConfig } from './sidecar-config.ts';

test.each([
  ['/metrics/prometheus', '/metrics/prometheus'],
  ['metrics/prometheus', '/metrics/prometheus'],
  ['', '/metrics'],
])('an application with the path %j is asked at %s', (path, asked) => {
  const conf = { applications: [{ port: 8888, path }] };
  const { observability } = metricsConfig({ conf, address: '127.0.0.1', labels: {}, backends: [], warnings: [] });
  expect(observability.metrics.applications.map((application) => application.path)).toEqual([asked]);
});
