import { type CollectorPipeListenerIr, statName } from '@kuma-mesh/core-model/ir/index.ts';
import type { Listener } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener.ts';
import { collectorHost } from '../envoy/collector-service.ts';
import { pipeAddress } from '../envoy/values.ts';
import { forwarding } from './forwarding.ts';

/** Whatever comes in goes to the collector. */
export function collectorPipeListener({ name, socket, collector }: CollectorPipeListenerIr): Listener {
  const statPrefix = statName(name);
  return {
    name,
    address: pipeAddress(socket),
    filterChains: [
      {
        filters: [
          forwarding({
            statPrefix,
            cluster: collector.cluster,
            path: { kind: 'prefix', value: '/' },
            ...(collector.protocol === 'http' && { clusterHost: collectorHost(collector) }),
          }),
        ],
      },
    ],
  };
}
