import type { ClusterIr } from '@kuma-mesh/core-model/ir/index.ts';
import { type Cluster, Cluster_DiscoveryType } from '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/cluster.ts';
import type { Address } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/address.ts';
import { overAds, pipeAddress, socketAddress } from '../envoy/values.ts';

type Discovery = Pick<Cluster, 'clusterDiscoveryType' | 'edsClusterConfig' | 'loadAssignment'>;

/** Where the endpoints of a cluster come from. */
export function discovery({ name, discovery }: ClusterIr): Discovery {
  switch (discovery.kind) {
    case 'endpoints':
      return {
        clusterDiscoveryType: { $case: 'type', value: Cluster_DiscoveryType.EDS },
        edsClusterConfig: { edsConfig: overAds(), ...(discovery.name !== name && { serviceName: discovery.name }) },
      };
    case 'static':
      return fixed(name, socketAddress(discovery.address.address, discovery.address.port));
    case 'dns':
      return {
        ...fixed(name, socketAddress(discovery.address.address, discovery.address.port)),
        clusterDiscoveryType: { $case: 'type', value: Cluster_DiscoveryType.STRICT_DNS },
      };
    case 'pipe':
      return fixed(name, pipeAddress(discovery.path));
  }
}

function fixed(clusterName: string, address: Address): Discovery {
  return {
    clusterDiscoveryType: { $case: 'type', value: Cluster_DiscoveryType.STATIC },
    loadAssignment: {
      clusterName,
      endpoints: [{ lbEndpoints: [{ hostIdentifier: { $case: 'endpoint', value: { address } } }] }],
    },
  };
}
