import { statName, type TcpHandlerIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Filter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { TcpProxy } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy.ts';
import { accessLogs } from '../access-logs/access-log.ts';
import type { Writer } from '../access-logs/template.ts';
import { extension } from '../envoy/pack.ts';
import { duration, limit } from '../envoy/values.ts';
import { connectionHashPolicies } from '../routes/hash-policy.ts';

/** Carries bytes to a cluster, or to one of several by weight; nothing where no cluster takes any. */
export function tcpProxy(handler: TcpHandlerIr, writer: Writer = 'tcp'): Filter[] {
  const clusters = handler.clusters.filter(({ weight }) => weight > 0);
  if (clusters.length === 0) return [];
  return [
    extension('envoy.filters.network.tcp_proxy', TcpProxy, {
      statPrefix: statName(handler.statPrefix),
      clusterSpecifier:
        clusters.length === 1
          ? { $case: 'cluster', value: clusters[0]!.cluster }
          : {
              $case: 'weightedClusters',
              value: { clusters: clusters.map(({ cluster, weight }) => ({ name: cluster, weight })) },
            },
      idleTimeout: duration(handler.idleTimeout),
      maxDownstreamConnectionDuration: limit(handler.maxConnectionDuration),
      maxConnectAttempts: handler.maxConnectAttempts,
      hashPolicy: connectionHashPolicies(handler.hashPolicies),
      accessLog: accessLogs(handler.accessLogs, writer),
    }),
  ];
}
