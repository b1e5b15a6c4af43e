import { type ClusterIr, statName } from '@kuma-mesh/core-model/ir/index.ts';
import { Cluster } from '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/cluster.ts';
import { typeUrls } from '../encoded.ts';
import { duration } from '../envoy/values.ts';
import { encodedResource, oncePerObject } from '../resource.ts';
import { balancing } from './balancing.ts';
import { circuitBreakers } from './circuit-breakers.ts';
import { discovery } from './discovery.ts';
import { healthChecking } from './health-check.ts';
import { outlierDetection } from './outlier-detection.ts';
import { connectTimeout, protocolOptions } from './protocol-options.ts';
import { publicServerTls } from './public-tls.ts';
import { upstreamTls } from './upstream-tls.ts';

export const encodeCluster = oncePerObject((cluster: ClusterIr) =>
  encodedResource(typeUrls.cluster, cluster.name, Cluster.encode(clusterMessage(cluster)).finish()),
);

function clusterMessage(cluster: ClusterIr): Cluster {
  const { timeouts, tls, publicTls, limits, outlierDetection: outliers, healthCheck } = cluster;
  const altStatName = cluster.altStatName ?? statName(cluster.name);
  return {
    name: cluster.name,
    ...(altStatName !== cluster.name && { altStatName }),
    ...discovery(cluster),
    connectTimeout: duration(connectTimeout(timeouts)),
    typedExtensionProtocolOptions: protocolOptions(cluster),
    ...(tls && { transportSocket: upstreamTls(tls) }),
    ...(publicTls && { transportSocket: publicServerTls(publicTls) }),
    ...(limits && { circuitBreakers: circuitBreakers(limits) }),
    ...(outliers && { outlierDetection: outlierDetection(outliers) }),
    ...(healthCheck && healthChecking(healthCheck)),
    ...balancing(cluster),
  };
}
