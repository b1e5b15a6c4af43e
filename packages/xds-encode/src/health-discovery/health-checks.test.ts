import { HealthCheckSpecifier } from '@kuma-mesh/envoy-api/generated/envoy/service/health/v3/hds.ts';
import { expect, test } from 'vitest';
import { encodeHealthChecks } from './health-checks.ts';

const defaults = {
  reportInterval: 5_000,
  interval: 1_000,
  timeout: 2_000,
  noTrafficInterval: 1_500,
  healthyThreshold: 1,
  unhealthyThreshold: 2,
};

test('probes say what defaults leave open', () => {
  const probes = [
    { name: 'localhost:80', address: '127.0.0.1', port: 80 },
    { name: '[::1]:81', address: '::1', port: 81, interval: 250, timeout: 100, healthyThreshold: 3, unhealthyThreshold: 4 },
  ];
  const check = (name: string, address: string, portValue: number, more: object) => ({
    clusterName: name,
    healthChecks: [{ tcpHealthCheck: {}, ...more }],
    localityEndpoints: [{ endpoints: [{ address: { socketAddress: { address, portValue } } }] }],
  });
  expect(HealthCheckSpecifier.toJSON(HealthCheckSpecifier.decode(encodeHealthChecks(probes, defaults)))).toEqual({
    clusterHealthChecks: [
      check('localhost:80', '127.0.0.1', 80, {
        timeout: '2s',
        interval: '1s',
        noTrafficInterval: '1.500s',
        healthyThreshold: 1,
        unhealthyThreshold: 2,
      }),
      check('[::1]:81', '::1', 81, {
        timeout: '0.100s',
        interval: '0.250s',
        noTrafficInterval: '0.250s',
        healthyThreshold: 3,
        unhealthyThreshold: 4,
      }),
    ],
    interval: '5s',
  });
});

test('where there is nothing to find out, a proxy reports seldom', () => {
  expect(HealthCheckSpecifier.toJSON(HealthCheckSpecifier.decode(encodeHealthChecks([], defaults)))).toEqual({
    interval: '86400s',
  });
});
