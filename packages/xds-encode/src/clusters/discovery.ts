import type { ClusterIr } from '@kuma-mesh/core-model/ir/index.ts';
import {
  type Cluster,
  Cluster_DiscoveryType,
  Cluster_DnsLookupFamily,
  Cluster_LbPolicy,
} from '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/cluster.ts';
import type { Address } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/address.ts';
import { overAds, pipeAddress, socketAddress } from '../envoy/values.ts';

type Discovery = Pick<
  Cluster,
  'clusterDiscoveryType' | 'edsClusterConfig' | 'loadAssignment' | 'lbPolicy' | 'dnsLookupFamily' | 'waitForWarmOnInit'
>;

/** Where the endpoints of a cluster come from. */
export function discovery({ name, role, discovery }: ClusterIr): Discovery {
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
        // Hosts without a way out over IPv6 are common, hosts without one over IPv4 are rare.
        dnsLookupFamily: Cluster_DnsLookupFamily.V4_PREFERRED,
        // A collector whose name nobody resolves would keep all that Envoy takes after it waiting, its start included.
        ...(role === 'collector' && { waitForWarmOnInit: false }),
      };
    case 'original':
      return {
        clusterDiscoveryType: { $case: 'type', value: Cluster_DiscoveryType.ORIGINAL_DST },
        lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
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
