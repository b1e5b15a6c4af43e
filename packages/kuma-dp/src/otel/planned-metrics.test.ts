import { expect, test } from 'vitest';
import { plannedMetrics } from './planned-metrics.ts';

const envPolicy = { mode: 'Optional', precedence: 'EnvFirst' } as const;
const backend = { name: 'otel', socketPath: '/run/otel.sock', endpoint: 'otel:4317', useHTTP: false, envPolicy };

test('metrics go to the collectors for which they are switched on, in their rhythm', () => {
  expect(plannedMetrics(undefined)).toEqual([]);
  expect(plannedMetrics({ backends: [backend, { ...backend, metrics: { blockedReasons: null } }] })).toEqual([]);
  const to = (refreshInterval: string) => ({
    type: 'OpenTelemetry',
    name: 'otel',
    openTelemetry: { endpoint: '/run/otel.sock', refreshInterval },
  });
  expect(plannedMetrics({ backends: [{ ...backend, metrics: { enabled: true, refreshInterval: '30s' } }] })).toEqual([to('30s')]);
  expect(plannedMetrics({ backends: [{ ...backend, metrics: { enabled: true } }] })).toEqual([to('60s')]);
});
