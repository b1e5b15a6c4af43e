import type { ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import { certificateOf, root } from '../../src/testing/certificates.ts';

const { cert: certificate, key } = certificateOf('backend');

export const ir: ProxyIr = {
  mesh: 'default',
  name: 'web-1',
  listeners: [
    {
      kind: 'admin',
      name: 'kuma:envoy:admin',
      address: { address: '127.0.0.1', port: 9901 },
      cluster: 'kuma:envoy:admin',
      readyCluster: 'kuma:readiness',
      clientCa: root,
      server: { certificate, key },
    },
    { kind: 'admin', name: 'ready-only', address: { address: '127.0.0.1', port: 9903 }, cluster: 'kuma:envoy:admin' },
    { kind: 'readiness', name: 'kuma:readiness', address: { address: '127.0.0.1', port: 9902 }, cluster: 'kuma:readiness' },
  ],
  routes: [],
  clusters: [
    {
      name: 'kuma:envoy:admin',
      altStatName: 'kuma_envoy_admin',
      role: 'admin',
      discovery: { kind: 'pipe', path: '/run/kuma/kuma-envoy-admin.sock' },
      protocol: 'http',
      timeouts: { connect: 5_000 },
    },
    {
      name: 'kuma:readiness',
      altStatName: 'kuma_readiness',
      role: 'readiness',
      discovery: { kind: 'pipe', path: '/run/kuma/kuma-readiness-reporter.sock' },
      protocol: 'http',
      timeouts: { connect: 5_000 },
    },
  ],
  endpoints: [],
  secrets: [],
};
