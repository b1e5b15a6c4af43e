import '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/cluster.ts';
import '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/extension.ts';
import '@kuma-mesh/envoy-api/generated/envoy/config/endpoint/v3/endpoint.ts';
import '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener.ts';
import '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route.ts';
import '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/http/router/v3/router.ts';
import '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy.ts';
import '@kuma-mesh/envoy-api/generated/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import { jsonToAny } from '@kuma-mesh/envoy-api/json.ts';
import {
  type EncodedProxy,
  type EncodedResource,
  moreTypeUrls,
  typeUrls,
  type XdsTypeUrl,
} from '@kuma-mesh/xds-encode/encoded.ts';
import { encodedResource, unencodableResource } from '@kuma-mesh/xds-encode/resource.ts';

type Json = Readonly<Record<string, unknown>>;

export function resource(typeUrl: XdsTypeUrl, name: string, json: Json): EncodedResource {
  return encodedResource(typeUrl, name, jsonToAny({ '@type': typeUrl, ...json }).value!);
}

/** What stands for a resource that could not be encoded. */
export function unencodable(typeUrl: XdsTypeUrl, name: string): EncodedResource {
  return unencodableResource(typeUrl, name, new Error('no such number'));
}

/** A configuration of these resources. */
export function proxyOf(...resources: readonly EncodedResource[]): EncodedProxy {
  const all = [...Object.values(typeUrls), ...Object.values(moreTypeUrls)];
  const config = new Map<string, Map<string, EncodedResource>>(all.map((typeUrl) => [typeUrl, new Map()]));
  for (const each of resources) {
    config.get(each.typeUrl)!.set(each.name, each);
  }
  return config;
}

const overAds = { resourceApiVersion: 'V3', ads: {} };

/** A cluster whose endpoints come over ADS. */
export function cluster(name: string, more: Json = {}): EncodedResource {
  return resource(typeUrls.cluster, name, {
    name,
    type: 'EDS',
    connectTimeout: '5s',
    edsClusterConfig: { edsConfig: overAds },
    ...more,
  });
}

export function endpoints(name: string, ...ports: readonly number[]): EncodedResource {
  const lbEndpoints = ports.map((port) => ({ endpoint: { address: socketAddress(port) } }));
  return resource(typeUrls.endpoints, name, { clusterName: name, endpoints: [{ lbEndpoints }] });
}

/** An HTTP listener whose routes come over ADS. */
export function httpListener(name: string, port: number, routeName: string, statPrefix = 'test'): EncodedResource {
  return listener(name, port, {
    name: 'envoy.filters.network.http_connection_manager',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
      statPrefix,
      rds: { configSource: overAds, routeConfigName: routeName },
      httpFilters: [
        {
          name: 'envoy.filters.http.router',
          typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
        },
      ],
    },
  });
}

export function tcpListener(name: string, port: number, clusterName: string): EncodedResource {
  return listener(name, port, {
    name: 'envoy.filters.network.tcp_proxy',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
      statPrefix: 'test',
      cluster: clusterName,
    },
  });
}

function listener(name: string, port: number, filter: Json): EncodedResource {
  return resource(typeUrls.listener, name, { name, address: socketAddress(port), filterChains: [{ filters: [filter] }] });
}

export function route(name: string, clusterName: string): EncodedResource {
  return resource(typeUrls.route, name, {
    name,
    virtualHosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: clusterName } }] }],
  });
}

function socketAddress(port: number): Json {
  return { socketAddress: { address: '127.0.0.1', portValue: port } };
}
