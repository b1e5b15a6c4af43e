import { Cluster } from '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/cluster.ts';
import type { EncodedResource } from '../encoded.ts';
import { duration } from '../envoy/values.ts';
import { oncePerObject } from '../resource.ts';

/**
 * Name of the endpoints that Envoy waits for over ADS when it takes an encoded cluster; undefined for a cluster that states its
 * own or has them from elsewhere. Read from the bytes, as patches may have changed them.
 */
export function awaitedEndpoints(cluster: EncodedResource): string | undefined {
  return nameOf(cluster).endpoints;
}

const nameOf = oncePerObject((resource: EncodedResource): { readonly endpoints?: string } => {
  const { name, edsClusterConfig } = Cluster.decode(resource.bytes);
  const overAds = edsClusterConfig?.edsConfig?.configSourceSpecifier?.$case === 'ads';
  return overAds ? { endpoints: edsClusterConfig.serviceName || name } : {};
});

/**
 * The cluster for an Envoy that has its endpoints already, and goes on with these once it has waited in vain for new ones:
 * it waits for a moment, the shortest time that Envoy knows. The version stays, as that is how it is told and not what it says.
 */
export const withEndpointsOfBefore = oncePerObject((resource: EncodedResource): EncodedResource => {
  const cluster = Cluster.decode(resource.bytes);
  const edsConfig = { ...cluster.edsClusterConfig?.edsConfig, initialFetchTimeout: duration(1) };
  return {
    ...resource,
    bytes: Cluster.encode({ ...cluster, edsClusterConfig: { ...cluster.edsClusterConfig, edsConfig } }).finish(),
  };
});
