import type {
  MeshLoadBalancingStrategy_Conf as Conf,
  MeshLoadBalancingStrategy_LoadBalancer as LoadBalancer,
} from '../../generated/types/kuma/mesh_load_balancing_strategy.ts';
import type { ClusterIr, LoadBalancerIr, RouteIr } from '../../ir/index.ts';
import { decimal, defined } from '../conf-values.ts';
import type { Contradiction, Policy } from '../policy.ts';
import { hashPolicies } from './hash-policy.ts';
import { mostChoices } from './most-choices.ts';
import { nearness } from './nearness.ts';
import { useless } from './useless.ts';

/** Which endpoint takes a request: the algorithm stands at the cluster, what is hashed at routes. */
export const meshLoadBalancingStrategy: Policy<Conf> = {
  kind: 'MeshLoadBalancingStrategy',
  outbound: {
    cluster: (cluster, conf) => balanced(cluster, conf),
    route: (route, conf) => hashedBy(route, conf),
    tcp: (handler, conf) => ({ ...handler, ...defined({ hashPolicies: hashPolicies(conf) }) }),
  },
  contradictions: ringContradiction,
  useless,
};

function balanced(cluster: ClusterIr, { loadBalancer, localityAwareness }: Conf): ClusterIr {
  const near = nearness(localityAwareness);
  return {
    ...cluster,
    ...(loadBalancer && { loadBalancer: algorithm(loadBalancer) }),
    ...(near && { nearness: near }),
  };
}

function algorithm({ type, leastRequest, ringHash, maglev }: LoadBalancer): LoadBalancerIr {
  switch (type) {
    case 'Random':
      return { kind: 'random' };
    case 'LeastRequest':
      return {
        kind: 'least-request',
        ...defined({ choices: choices(leastRequest), activeRequestBias: decimal(leastRequest?.activeRequestBias) }),
      };
    case 'RingHash':
      return {
        kind: 'ring-hash',
        ...(ringHash?.hashFunction && { hashFunction: ringHash.hashFunction === 'MurmurHash2' ? 'murmur-hash-2' : 'xx-hash' }),
        ...ringSizes(ringHash),
      };
    case 'Maglev':
      return { kind: 'maglev', ...defined({ tableSize: maglev?.tableSize }) };
    default:
      return { kind: 'round-robin' };
  }
}

function choices({ choiceCount }: NonNullable<LoadBalancer['leastRequest']> = {}): number | undefined {
  return choiceCount && Math.min(choiceCount, mostChoices);
}

const usualMinRingSize = 1024;

/**
 * A ring that may only be small must not have to be larger, be it that policies are merged which say the one and the other:
 * Envoy would come to a halt over it.
 */
function ringSizes({ minRingSize, maxRingSize }: NonNullable<LoadBalancer['ringHash']> = {}) {
  const larger = maxRingSize !== undefined && (minRingSize ?? usualMinRingSize) > maxRingSize;
  return defined({ minRingSize: larger ? maxRingSize : minRingSize, maxRingSize });
}

function ringContradiction({ loadBalancer }: Conf): readonly Contradiction[] {
  const { minRingSize: min, maxRingSize: max } = loadBalancer?.ringHash ?? {};
  if (loadBalancer?.type !== 'RingHash' || min === undefined || max === undefined || min <= max) return [];
  const ring = ['loadBalancer', 'ringHash'];
  return [{ counts: [...ring, 'maxRingSize'], yields: [...ring, 'minRingSize'] }];
}

function hashedBy(route: RouteIr, conf: Conf): RouteIr {
  const policies = hashPolicies(conf);
  if (!policies || route.action.kind !== 'forward') return route;
  return { ...route, action: { ...route.action, hashPolicies: policies } };
}
