import { moreTypeUrls, typeUrls } from '../index.ts';
import type { Json, ProxyJson } from './as-json.ts';
import { root } from './certificates.ts';

/**
 * The same configuration without a control plane, so that Envoy's validation sees all of it: routes stand in the
 * connection managers, permissions in the filters, endpoints in clusters of their own.
 */
export function asBootstrap(proxy: ProxyJson): Json {
  const endpoints = proxy[typeUrls.endpoints] ?? {};
  return {
    node: { id: 'default.case', cluster: 'case' },
    staticResources: {
      listeners: Object.values(proxy[typeUrls.listener] ?? {}).map((listener) => inPlace(listener, proxy)),
      clusters: [
        ...Object.values(proxy[typeUrls.cluster] ?? {}).map((cluster) => inPlace(cluster, proxy)),
        ...Object.values(endpoints).map(clusterOf),
        ads,
      ],
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

function inPlace(value: Json, proxy: ProxyJson): Json {
  if (Array.isArray(value)) return value.map((item) => inPlace(item, proxy));
  if (typeof value !== 'object' || value === null) return value;
  const { rds, configDiscovery, ...rest } = value;
  const others = Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, inPlace(item, proxy)]));
  if (rds) others.routeConfig = { ...proxy[typeUrls.route]![rds.routeConfigName], validateClusters: false };
  // Envoy opens files as it validates: those of logs would stay behind, and roots are not the same everywhere.
  if (others['@type']?.endsWith('.FileAccessLog')) others.path = '/dev/null';
  if (others.trustedCa?.filename) others.trustedCa = { inlineString: root };
  if (configDiscovery) others.typedConfig = proxy[moreTypeUrls.extension]![value.name].typedConfig;
  return others;
}

/** Beside the cluster and not in it: Envoy 1.40 crashes on validating a fixed cluster whose TLS comes over SDS. */
function clusterOf(loadAssignment: Json): Json {
  return { name: `endpoints of ${loadAssignment.clusterName}`, type: 'STATIC', loadAssignment };
}
