import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import { expect, test } from 'vitest';
import { createExporters } from './exporters.ts';

test.for(['720h', '1h'])('nothing is sent before an interval of %s is over', async (refreshInterval) => {
  let asked = 0;
  const collector = {
    async collect() {
      asked++;
      return [];
    },
  };
  const exporters = createExporters({ collector, instance: 'web', logger: pino({ level: 'silent' }) });
  const openTelemetry = { endpoint: '/nowhere.sock', refreshInterval };
  exporters.apply({
    applications: [],
    extraLabels: {},
    warnings: [],
    backends: [{ type: 'OpenTelemetry', name: 'otel', openTelemetry }],
  });
  await delay(100);
  exporters.close();
  expect(asked).toBe(0);
});
