import type { ClusterIr, HealthCheckIr, HealthProbeIr, ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';

const everything: Omit<HealthCheckIr, 'probe'> = {
  interval: 10_000,
  timeout: 2_000,
  unhealthyThreshold: 3,
  healthyThreshold: 2,
  initialJitter: 1_000,
  intervalJitter: 250,
  intervalJitterPercent: 10,
  noTrafficInterval: 5_000,
  reuseConnection: false,
  eventLog: '/tmp/health.log',
  logEveryFailure: true,
};

const least: Omit<HealthCheckIr, 'probe'> = { interval: 60_000, timeout: 15_000, unhealthyThreshold: 5, healthyThreshold: 1 };

function cluster(name: string, probe: HealthProbeIr, more: Partial<ClusterIr> = {}, rest = least): ClusterIr {
  const discovery = { kind: 'endpoints', name } as const;
  return {
    name,
    role: 'destination',
    discovery,
    protocol: 'http',
    timeouts: {},
    healthCheck: { probe, ...rest },
    ...more,
  };
}

const clusters = [
  cluster(
    'http',
    {
      kind: 'http',
      path: '/health',
      expectedStatuses: [200, 204],
      headers: { set: [{ name: 'x-probe', value: '100%' }], add: [{ name: 'x-more', value: 'yes' }], remove: [] },
    },
    { panicThreshold: 0, failTrafficOnPanic: true },
    everything,
  ),
  cluster('http-least', { kind: 'http', path: '/', expectedStatuses: [], headers: { set: [], add: [], remove: [] } }),
  cluster('tcp', { kind: 'tcp', send: 'Zm9v', receive: ['YmFy', 'AAEC'] }, { protocol: 'tcp', failTrafficOnPanic: false }),
  cluster('tcp-least', { kind: 'tcp', receive: [] }, { protocol: 'tcp' }),
  cluster('grpc', { kind: 'grpc', service: 'pets', authority: 'pets.example' }, { protocol: 'grpc', panicThreshold: 62.5 }),
  cluster('grpc-least', { kind: 'grpc' }, { protocol: 'grpc' }),
];

export const ir: ProxyIr = {
  mesh: 'default',
  name: 'web-1',
  listeners: [],
  routes: [],
  clusters,
  endpoints: clusters.map(({ name }) => ({ name, localities: [] })),
  secrets: [],
};
