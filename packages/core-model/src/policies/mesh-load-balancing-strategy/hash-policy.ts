import type {
  MeshLoadBalancingStrategy_Conf as Conf,
  MeshLoadBalancingStrategy_HashPolicy as HashPolicy,
} from '../../generated/types/kuma/mesh_load_balancing_strategy.ts';
import type { HashedIr, HashPolicyIr } from '../../ir/index.ts';
import { defined, milliseconds } from '../conf-values.ts';

/** What is hashed of requests; the older place beside the algorithm counts where the newer one says nothing. */
export function hashPolicies({ hashPolicies, loadBalancer }: Conf): readonly HashPolicyIr[] | undefined {
  return (hashPolicies ?? besideAlgorithm(loadBalancer))?.flatMap((policy) => {
    const what = hashed(policy);
    return what ? { ...what, terminal: policy.terminal === true } : [];
  });
}

function besideAlgorithm(loadBalancer: Conf['loadBalancer']): readonly HashPolicy[] | undefined {
  switch (loadBalancer?.type) {
    case 'RingHash':
      return loadBalancer.ringHash?.hashPolicies;
    case 'Maglev':
      return loadBalancer.maglev?.hashPolicies;
    default:
      return undefined;
  }
}

function hashed({ type, header, cookie, connection, queryParameter, filterState }: HashPolicy): HashedIr | undefined {
  switch (type) {
    case 'Header':
      return { kind: 'header', name: header?.name ?? '' };
    case 'Cookie':
      return { kind: 'cookie', name: cookie?.name ?? '', ...defined({ ttl: milliseconds(cookie?.ttl), path: cookie?.path }) };
    case 'Connection':
    case 'SourceIP':
      return connection?.sourceIP === true ? { kind: 'source-ip' } : undefined;
    case 'QueryParameter':
      return { kind: 'query-parameter', name: queryParameter?.name ?? '' };
    case 'FilterState':
      return { kind: 'filter-state', key: filterState?.key ?? '' };
    case undefined:
      return undefined;
  }
}
