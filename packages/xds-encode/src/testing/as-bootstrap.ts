import { typeUrls } from '../index.ts';
import type { Json, ProxyJson } from './as-json.ts';

/**
 * The same configuration without a control plane, so that Envoy's validation sees all of it: routes stand in the
 * connection managers, endpoints in clusters of their own.
 */
export function asBootstrap(proxy: ProxyJson): Json {
  const routes = proxy[typeUrls.route] ?? {};
  const endpoints = proxy[typeUrls.endpoints] ?? {};
  return {
    node: { id: 'default.case', cluster: 'case' },
    staticResources: {
      listeners: Object.values(proxy[typeUrls.listener] ?? {}).map((listener) => withRoutes(listener, routes)),
      clusters: [...Object.values(proxy[typeUrls.cluster] ?? {}), ...Object.values(endpoints).map(clusterOf), ads],
    },
    dynamicResources: {
      adsConfig: { apiType: 'GRPC', transportApiVersion: 'V3', grpcServices: [{ envoyGrpc: { clusterName: 'ads' } }] },
    },
  };
}

const ads = {
  name: 'ads',
  typedExtensionProtocolOptions: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      explicitHttpConfig: { http2ProtocolOptions: {} },
    },
  },
};

function withRoutes(value: Json, routes: Record<string, Json>): Json {
  if (Array.isArray(value)) return value.map((item) => withRoutes(item, routes));
  if (typeof value !== 'object' || value === null) return value;
  const { rds, ...rest } = value;
  if (rds) return { ...withRoutes(rest, routes), routeConfig: { ...routes[rds.routeConfigName], validateClusters: false } };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withRoutes(item, routes)]));
}

/** Beside the cluster and not in it: Envoy 1.40 crashes on validating a fixed cluster whose TLS comes over SDS. */
function clusterOf(loadAssignment: Json): Json {
  return { name: `endpoints of ${loadAssignment.clusterName}`, type: 'STATIC', loadAssignment };
}
