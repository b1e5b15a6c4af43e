import type {
  MeshLoadBalancingStrategy_AffinityTag as AffinityTag,
  MeshLoadBalancingStrategy_Failover as Failover,
  MeshLoadBalancingStrategy_LocalityAwareness as LocalityAwareness,
} from '../../generated/types/kuma/mesh_load_balancing_strategy.ts';
import type { FailoverIr, NearnessIr } from '../../ir/index.ts';
import { decimal, defined } from '../conf-values.ts';

const usualFailoverPercentage = 50;
const anyZone: readonly FailoverIr[] = [{ to: { kind: 'any' } }];

/** undefined: endpoints are alike wherever they are. What is said of zones counts more than that nearness does not. */
export function nearness({ disabled, localZone, crossZone }: LocalityAwareness = {}): NearnessIr | undefined {
  if (!localZone && !crossZone) return disabled === true ? undefined : { affinity: [], failover: anyZone };
  return {
    affinity: affinity(localZone?.affinityTags ?? []),
    failover: (crossZone?.failover ?? []).flatMap(failover),
    failoverPercentage: decimal(crossZone?.failoverThreshold?.percentage) ?? usualFailoverPercentage,
  };
}

/** Without weights each tag has nine times of what is left for all after it, which begins with the 1 of other endpoints. */
export function affinity(tags: readonly AffinityTag[]): NearnessIr['affinity'] {
  return tags.map(({ key = '', weight }, index) => ({ tag: key, weight: weight ?? 9 * 10 ** (tags.length - index - 1) }));
}

function failover({ from, to }: Failover): FailoverIr[] {
  const of = defined({ from: from?.zones });
  const { zones = [] } = to ?? {};
  switch (to?.type) {
    case 'Any':
      return [{ ...of, to: { kind: 'any' } }];
    case 'AnyExcept':
      return [{ ...of, to: { kind: 'any-except', zones } }];
    case 'Only':
      return [{ ...of, to: { kind: 'only', zones } }];
    default:
      return [];
  }
}
