import type { BootstrapRequest } from './bootstrap-server.ts';

export interface StaticListener {
  readonly protocol: 'http' | 'tcp';
  readonly port: number;
  /** Where the application listens. */
  readonly servicePort: number;
}

/** Bootstrap configuration of an Envoy whose inbound listeners are all static: nothing else is needed to carry traffic. */
export function staticBootstrap({ mesh, name, workdir }: BootstrapRequest, listeners: readonly StaticListener[] = []): string {
  return JSON.stringify({
    node: { id: `${mesh}.${name}`, cluster: name },
    admin: { address: { pipe: { path: `${workdir}/kuma-envoy-admin.sock`, mode: 0o600 } } },
    staticResources: {
      listeners: listeners.map((listener) => ({
        name: `inbound:127.0.0.1:${listener.port}`,
        trafficDirection: 'INBOUND',
        address: socket(listener.port),
        filterChains: [{ filters: [listener.protocol === 'http' ? httpFilter(listener) : tcpFilter(listener)] }],
      })),
      clusters: listeners.map(({ servicePort }) => ({
        name: `localhost:${servicePort}`,
        connectTimeout: '5s',
        loadAssignment: {
          clusterName: `localhost:${servicePort}`,
          endpoints: [{ lbEndpoints: [{ endpoint: { address: socket(servicePort) } }] }],
        },
      })),
    },
  });
}

function socket(port: number): unknown {
  return { socketAddress: { address: '127.0.0.1', portValue: port } };
}

function tcpFilter({ servicePort }: StaticListener): unknown {
  return {
    name: 'envoy.filters.network.tcp_proxy',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
      statPrefix: `localhost_${servicePort}`,
      cluster: `localhost:${servicePort}`,
    },
  };
}

function httpFilter({ servicePort }: StaticListener): unknown {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
      statPrefix: `localhost_${servicePort}`,
      routeConfig: {
        virtualHosts: [
          { name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: `localhost:${servicePort}` } }] },
        ],
      },
      httpFilters: [
        {
          name: 'envoy.filters.http.router',
          typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
        },
      ],
    },
  };
}
