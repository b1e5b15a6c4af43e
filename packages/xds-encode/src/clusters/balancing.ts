import type { ClusterIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Cluster, Cluster_CommonLbConfig } from '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/cluster.ts';
import { duration } from '../envoy/values.ts';
import { loadBalancer } from './load-balancer.ts';

/** Milliseconds in which news of endpoints' health are gathered. */
const healthNews = 50;

type Balancing = Pick<Cluster, 'lbPolicy' | 'lbConfig' | 'commonLbConfig'>;

/** Which endpoint takes a request, and which may at all. */
export function balancing(cluster: ClusterIr): Balancing {
  const common: Cluster_CommonLbConfig = {
    ...panic(cluster),
    // Envoy would have who fell ill wait for up to a second, to tell all workers of several at once.
    ...((cluster.healthCheck || cluster.outlierDetection) && { updateMergeWindow: duration(healthNews) }),
    // Who was not probed yet is neither healthy nor sick, and must not tip the scales.
    ...(cluster.healthCheck && { ignoreNewHostsUntilFirstHc: true }),
  };
  return {
    ...(cluster.loadBalancer && loadBalancer(cluster.loadBalancer)),
    ...(Object.keys(common).length > 0 && { commonLbConfig: common }),
  };
}

/** What happens when too few endpoints are healthy. Envoy cannot both weigh parts of a zone and fail requests on panic. */
function panic({ panicThreshold, failTrafficOnPanic, nearness }: ClusterIr): Cluster_CommonLbConfig {
  const weighed = nearness !== undefined && nearness.affinity.length > 0;
  return {
    ...(panicThreshold !== undefined && { healthyPanicThreshold: { value: panicThreshold } }),
    ...(failTrafficOnPanic !== undefined && {
      localityConfigSpecifier: { $case: 'zoneAwareLbConfig', value: { failTrafficOnPanic } },
    }),
    ...(weighed && { localityConfigSpecifier: { $case: 'localityWeightedLbConfig', value: {} } }),
  };
}
