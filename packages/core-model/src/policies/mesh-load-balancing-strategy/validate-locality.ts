import type {
  MeshLoadBalancingStrategy_Failover as Failover,
  MeshLoadBalancingStrategy_LocalityAwareness as LocalityAwareness,
  MeshLoadBalancingStrategy_LocalZone as LocalZone,
} from '../../generated/types/kuma/mesh_load_balancing_strategy.ts';
import { percentage } from '../../resources/checks.ts';
import type { Problem } from '../../resources/resource.ts';
import { affinity } from './nearness.ts';

/** Envoy's bound on all weights together, of which endpoints that are not near have 1. */
const mostWeight = 2 ** 32 - 1;
const unweighted = 1;

export function localityProblems(at: string, { localZone, crossZone }: LocalityAwareness = {}): Problem[] {
  const threshold = crossZone?.failoverThreshold?.percentage;
  const thresholdAt = `${at}.crossZone.failoverThreshold.percentage`;
  return [
    ...affinityProblems(`${at}.localZone.affinityTags`, localZone?.affinityTags),
    ...(crossZone?.failover ?? []).flatMap((item, index) => failoverProblems(`${at}.crossZone.failover[${index}]`, item)),
    ...percentage(thresholdAt, threshold),
    ...(threshold !== undefined && Number(threshold) === 0 ? [{ field: thresholdAt, reason: 'must be more than 0' }] : []),
  ];
}

function affinityProblems(at: string, tags: LocalZone['affinityTags'] = []): Problem[] {
  const weighted = tags.filter(({ weight }) => weight !== undefined).length;
  const sum = affinity(tags).reduce((total, { weight }) => total + weight, unweighted);
  return [
    ...(weighted > 0 && weighted < tags.length
      ? [{ field: at, reason: 'either all items must have a weight or none; got some with and some without' }]
      : []),
    ...(sum > mostWeight
      ? [{ field: at, reason: `weights must not be more than ${mostWeight - unweighted} together; got ${sum - unweighted}` }]
      : []),
  ];
}

function failoverProblems(at: string, { from, to }: Failover): Problem[] {
  const needed = to?.type === 'Only' || to?.type === 'AnyExcept';
  const named = (to?.zones ?? []).length > 0;
  return [
    ...(from !== undefined && (from.zones ?? []).length === 0
      ? [{ field: `${at}.from.zones`, reason: 'must have at least one item' }]
      : []),
    ...emptyNames(`${at}.from.zones`, from?.zones),
    ...emptyNames(`${at}.to.zones`, to?.zones),
    ...(to?.type !== undefined && needed !== named
      ? [{ field: `${at}.to.zones`, reason: `must ${needed ? 'have at least one item' : 'be absent'} when type is ${to.type}` }]
      : []),
  ];
}

function emptyNames(at: string, zones: readonly string[] | undefined): Problem[] {
  return (zones ?? []).flatMap((zone, index) => (zone === '' ? [{ field: `${at}[${index}]`, reason: 'must not be empty' }] : []));
}
