import type { Any } from '@kuma-mesh/envoy-api/discovery.ts';
import { Cluster } from '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/cluster.ts';
import { ClusterLoadAssignment } from '@kuma-mesh/envoy-api/generated/envoy/config/endpoint/v3/endpoint.ts';
import { Listener } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener.ts';
import { RouteConfiguration } from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route.ts';
import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';

/** The name inside a packed resource. */
export function nameOf({ typeUrl, value = new Uint8Array() }: Any): string | undefined {
  switch (typeUrl) {
    case typeUrls.cluster:
      return Cluster.decode(value).name;
    case typeUrls.endpoints:
      return ClusterLoadAssignment.decode(value).clusterName;
    case typeUrls.listener:
      return Listener.decode(value).name;
    case typeUrls.route:
      return RouteConfiguration.decode(value).name;
    default:
      return undefined;
  }
}
