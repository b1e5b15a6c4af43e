import type { ClusterIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Cluster, Cluster_CommonLbConfig } from '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/cluster.ts';

/** Which endpoint takes a request, and which may at all. */
export function balancing(cluster: ClusterIr): Pick<Cluster, 'commonLbConfig'> {
  const common: Cluster_CommonLbConfig = {
    ...panic(cluster),
    // Who was not probed yet is neither healthy nor sick, and must not tip the scales.
    ...(cluster.healthCheck && { ignoreNewHostsUntilFirstHc: true }),
  };
  return Object.keys(common).length === 0 ? {} : { commonLbConfig: common };
}

/** What happens when too few endpoints are healthy. */
function panic({ panicThreshold, failTrafficOnPanic }: ClusterIr): Cluster_CommonLbConfig {
  return {
    ...(panicThreshold !== undefined && { healthyPanicThreshold: { value: panicThreshold } }),
    ...(failTrafficOnPanic !== undefined && {
      localityConfigSpecifier: { $case: 'zoneAwareLbConfig', value: { failTrafficOnPanic } },
    }),
  };
}
