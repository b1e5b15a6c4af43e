import { expect, it } from 'vitest';
import { countTraffic } from './inbound-traffic.ts';

it('counts connections of inbound listeners and requests of applications, and nothing of the mesh itself', () => {
  const stats = [
    'listener.127.0.0.1_8080.downstream_cx_active: 2',
    'listener.127.0.0.1_5670.downstream_cx_active: 7',
    'http.localhost_8080.downstream_rq_active: 3',
    'http.outbound_backend.downstream_rq_active: 4',
    'http.admin.downstream_rq_active: 1',
    'http._kuma_dynamicconfig.downstream_rq_active: 1',
    'http._kuma_metrics_prometheus_default-backend.downstream_rq_active: 1',
    'http.system_meshmetric_otel_otel-4317.downstream_rq_active: 1',
  ];
  const inbound = new Set(['listener.127.0.0.1_8080.downstream_cx_active']);
  expect(countTraffic(stats.join('\n'), inbound)).toEqual({ connections: 2, requests: 7 });
});
