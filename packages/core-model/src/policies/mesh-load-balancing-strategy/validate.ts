import type {
  MeshLoadBalancingStrategy_Conf as Conf,
  MeshLoadBalancingStrategy_HashPolicy as HashPolicy,
  MeshLoadBalancingStrategy_LoadBalancer as LoadBalancer,
  MeshLoadBalancingStrategy,
} from '../../generated/types/kuma/mesh_load_balancing_strategy.ts';
import type { TargetRef } from '../../generated/types/kuma/target_ref.ts';
import { mustBeAbsent, type Problem } from '../../resources/resource.ts';
import { localityProblems } from './validate-locality.ts';

export function validateMeshLoadBalancingStrategy(spec: MeshLoadBalancingStrategy): Problem[] {
  return (spec.to ?? []).flatMap(({ targetRef, default: conf }, index) => {
    const at = `spec.to[${index}].default`;
    if (conf === undefined) return [];
    return [
      ...(targetRef?.kind === 'MeshHTTPRoute' ? routeProblems(at, conf) : []),
      ...(isLocal(targetRef) ? zoneProblems(at, conf) : []),
      ...(conf.hashPolicies ? repeatedHashProblems(`${at}.loadBalancer`, conf.loadBalancer) : []),
      ...loadBalancerProblems(`${at}.loadBalancer`, conf.loadBalancer),
      ...localityProblems(`${at}.localityAwareness`, conf.localityAwareness),
      ...hashProblems(`${at}.hashPolicies`, conf.hashPolicies),
    ];
  });
}

function routeProblems(at: string, conf: Conf): Problem[] {
  return (['loadBalancer', 'localityAwareness'] as const)
    .filter((name) => conf[name] !== undefined)
    .map((name) =>
      mustBeAbsent(
        `${at}.${name}`,
        ' for a MeshHTTPRoute: it concerns all requests to a destination; only hashPolicies is for a route',
      ),
    );
}

/** A MeshService is of one zone; by its name alone, the tag `kuma.io/service` may be meant, which spans zones. */
function isLocal({ kind, sectionName, labels }: TargetRef = {}): boolean {
  return kind === 'MeshService' && (Boolean(sectionName) || Object.keys(labels ?? {}).length > 0);
}

function zoneProblems(at: string, { localityAwareness }: Conf): Problem[] {
  if (localityAwareness?.crossZone === undefined) return [];
  const when = ' for a MeshService with sectionName or labels: its traffic stays in its zone';
  return [mustBeAbsent(`${at}.localityAwareness.crossZone`, when)];
}

function repeatedHashProblems(at: string, balancer: LoadBalancer | undefined): Problem[] {
  return (['ringHash', 'maglev'] as const)
    .filter((name) => balancer?.[name]?.hashPolicies !== undefined)
    .map((name) =>
      mustBeAbsent(`${at}.${name}.hashPolicies`, ' when hashPolicies stands beside loadBalancer: they say the same in two ways'),
    );
}

function loadBalancerProblems(at: string, { ringHash, maglev, leastRequest }: Partial<LoadBalancer> = {}): Problem[] {
  const { minRingSize: min, maxRingSize: max } = ringHash ?? {};
  const bias = leastRequest?.activeRequestBias;
  const table = maglev?.tableSize;
  return [
    ...hashProblems(`${at}.ringHash.hashPolicies`, ringHash?.hashPolicies),
    ...hashProblems(`${at}.maglev.hashPolicies`, maglev?.hashPolicies),
    ...(min !== undefined && max !== undefined && min > max
      ? [{ field: `${at}.ringHash.minRingSize`, reason: `must not be more than maxRingSize, ${max}; got ${min}` }]
      : []),
    ...(table !== undefined && !isPrime(table)
      ? [{ field: `${at}.maglev.tableSize`, reason: `must be a prime number; got ${table}` }]
      : []),
    ...(bias !== undefined && !(Number(bias) >= 0)
      ? [{ field: `${at}.leastRequest.activeRequestBias`, reason: `must be a number from 0 on; got ${JSON.stringify(bias)}` }]
      : []),
  ];
}

/** Which field belongs to which type. */
const fieldOf = {
  Header: 'header',
  Cookie: 'cookie',
  Connection: 'connection',
  SourceIP: 'connection',
  QueryParameter: 'queryParameter',
  FilterState: 'filterState',
} as const;

function hashProblems(at: string, policies: readonly HashPolicy[] | undefined): Problem[] {
  return (policies ?? []).flatMap((policy, index) => {
    if (policy.type === undefined) return [];
    const own = fieldOf[policy.type];
    const path = policy.type === 'Cookie' ? policy.cookie?.path : undefined;
    return [
      ...(policy[own] === undefined
        ? [{ field: `${at}[${index}].${own}`, reason: `must be set when type is ${policy.type}` }]
        : []),
      ...(path !== undefined && !path.startsWith('/')
        ? [{ field: `${at}[${index}].cookie.path`, reason: `must begin with /; got ${JSON.stringify(path)}` }]
        : []),
    ];
  });
}

function isPrime(n: number): boolean {
  if (n < 2) return false;
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}
