import { Cluster } from '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/cluster.ts';
import type { EncodedResource } from '../encoded.ts';
import { oncePerObject } from '../resource.ts';

/**
 * Name of the endpoints that Envoy waits for when it takes an encoded cluster; undefined for a cluster that states its own.
 * Read from the bytes, as patches may have changed them.
 */
export function awaitedEndpoints(cluster: EncodedResource): string | undefined {
  return nameOf(cluster).endpoints;
}

const nameOf = oncePerObject((resource: EncodedResource): { readonly endpoints?: string } => {
  const { name, edsClusterConfig } = Cluster.decode(resource.bytes);
  return edsClusterConfig ? { endpoints: edsClusterConfig.serviceName || name } : {};
});
