import type {
  MeshLoadBalancingStrategy_Conf as Conf,
  MeshLoadBalancingStrategy_HashPolicy as HashPolicy,
} from '../../generated/types/kuma/mesh_load_balancing_strategy.ts';
import { nothingSaid } from '../nothing-said.ts';
import type { Useless } from '../policy.ts';
import { mostChoices } from './most-choices.ts';

export function useless(conf: Conf): readonly Useless[] {
  return [
    ...nothingSaid(conf),
    ...unusedBalancing(conf),
    ...emptyHashes(conf),
    ...disabledLocality(conf),
    ...countlessChoices(conf),
  ];
}

const fieldOfAlgorithm = {
  RoundRobin: 'roundRobin',
  LeastRequest: 'leastRequest',
  RingHash: 'ringHash',
  Random: 'random',
  Maglev: 'maglev',
} as const;

/** What is said of another algorithm, and what is hashed for one that looks at no hash. */
function unusedBalancing({ loadBalancer, hashPolicies }: Conf): readonly Useless[] {
  const type = loadBalancer?.type;
  if (loadBalancer === undefined || type === undefined) return [];
  const others = Object.values(fieldOfAlgorithm).filter((field) => field !== fieldOfAlgorithm[type]);
  const hashes = type === 'RingHash' || type === 'Maglev';
  const paths = [
    ...others.filter((field) => loadBalancer[field] !== undefined).map((field) => ['loadBalancer', field]),
    ...(hashes || hashPolicies === undefined ? [] : [['hashPolicies']]),
  ];
  return paths.map((path) => ({ path, why: `has no effect with the algorithm ${type}` }));
}

/** Of a connection there is nothing but its address to hash. */
function emptyHashes({ loadBalancer, hashPolicies }: Conf): readonly Useless[] {
  const why = 'has no effect: nothing of a connection is hashed without sourceIP: true';
  const of = (at: readonly string[], policies: readonly HashPolicy[] = []) =>
    policies.flatMap(({ connection }, i) =>
      connection && connection.sourceIP !== true ? [{ path: [...at, i, 'connection'], why }] : [],
    );
  return [
    ...of(['hashPolicies'], hashPolicies),
    ...of(['loadBalancer', 'ringHash', 'hashPolicies'], loadBalancer?.ringHash?.hashPolicies),
    ...of(['loadBalancer', 'maglev', 'hashPolicies'], loadBalancer?.maglev?.hashPolicies),
  ];
}

function disabledLocality({ localityAwareness = {} }: Conf): readonly Useless[] {
  const others = (['localZone', 'crossZone'] as const).filter((field) => localityAwareness[field] !== undefined);
  if (localityAwareness.disabled !== true || others.length === 0) return [];
  return [{ path: ['localityAwareness', 'disabled'], why: `has no effect beside ${others.join(' and ')}` }];
}

function countlessChoices({ loadBalancer: { type, leastRequest: { choiceCount = 0 } = {} } = {} }: Conf): readonly Useless[] {
  if (type !== 'LeastRequest' || choiceCount <= mostChoices) return [];
  return [{ path: ['loadBalancer', 'leastRequest', 'choiceCount'], why: `counts as ${mostChoices}` }];
}
