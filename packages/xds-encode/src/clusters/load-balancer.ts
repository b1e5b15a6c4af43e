import type { LoadBalancerIr } from '@kuma-mesh/core-model/ir/index.ts';
import {
  type Cluster,
  Cluster_LbPolicy,
  Cluster_RingHashLbConfig_HashFunction as HashFunction,
} from '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/cluster.ts';

export function loadBalancer(ir: LoadBalancerIr): Pick<Cluster, 'lbPolicy' | 'lbConfig'> {
  switch (ir.kind) {
    case 'round-robin':
      return { lbPolicy: Cluster_LbPolicy.ROUND_ROBIN };
    case 'random':
      return { lbPolicy: Cluster_LbPolicy.RANDOM };
    case 'least-request':
      return {
        lbPolicy: Cluster_LbPolicy.LEAST_REQUEST,
        lbConfig: {
          $case: 'leastRequestLbConfig',
          value: {
            choiceCount: ir.choices,
            ...(ir.activeRequestBias !== undefined && {
              // Nobody else writes this key: it is here because Envoy wants one beside the value.
              activeRequestBias: { defaultValue: ir.activeRequestBias, runtimeKey: 'upstream.least_request.active_request_bias' },
            }),
          },
        },
      };
    case 'ring-hash':
      return {
        lbPolicy: Cluster_LbPolicy.RING_HASH,
        lbConfig: {
          $case: 'ringHashLbConfig',
          value: {
            hashFunction: ir.hashFunction === 'murmur-hash-2' ? HashFunction.MURMUR_HASH_2 : HashFunction.XX_HASH,
            minimumRingSize: ir.minRingSize,
            maximumRingSize: ir.maxRingSize,
          },
        },
      };
    case 'maglev':
      return {
        lbPolicy: Cluster_LbPolicy.MAGLEV,
        lbConfig: { $case: 'maglevLbConfig', value: { tableSize: ir.tableSize } },
      };
  }
}
