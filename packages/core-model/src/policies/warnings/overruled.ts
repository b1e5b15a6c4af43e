import { byIdentity } from '../../memo/by-identity.ts';
import type { ResourceDraft } from '../../resources/resource.ts';
import { type Effective, type EffectiveItem, leafPaths } from '../../rules/effective.ts';
import type { MeshSnapshot } from '../../snapshot/mesh-snapshot.ts';
import type { PolicyResource, PolicySpec } from '../../target-ref/policy-spec.ts';
import { mergeStrategies } from '../index.ts';
import { ruleKey } from '../mesh-http-route/merged-rules.ts';
import type { Routes } from '../mesh-http-route/routes.ts';
import { asWritten, rulesWith } from './rules-with.ts';

/** Kinds of which each value is that of the last policy that states it. */
export const mergedByField: ReadonlySet<string> = new Set([
  'MeshTimeout',
  'MeshRetry',
  'MeshCircuitBreaker',
  'MeshHealthCheck',
  'MeshLoadBalancingStrategy',
  'MeshRateLimit',
  'MeshTLS',
  'MeshPassthrough',
  'MeshAccessLog',
  'MeshTrace',
  'MeshMetric',
  'MeshHTTPRoute',
  'MeshTCPRoute',
]);

/** Where others say something else to each of many proxies, nobody is kept waiting until the last one is looked at. */
const mostRules = 500;

/**
 * A policy of which others overrule every value, for all that it selects in the mesh as it is now. Ends with the first value
 * that counts somewhere, which most policies have at their first proxy. What is said of single routes or clients is
 * not looked at.
 */
export function overruledWarnings(snapshot: MeshSnapshot, policy: ResourceDraft<PolicySpec>): readonly string[] {
  const refs = [policy.spec.targetRef, ...(policy.spec.to ?? []).map(({ targetRef }) => targetRef)];
  if ((policy.spec.rules ?? []).some(({ matches = [] }) => matches.length > 0)) return [];
  if (!mergedByField.has(policy.type) || refs.some((ref) => ref?.kind === 'MeshHTTPRoute')) return [];
  const all = asWritten(snapshot, policy);
  const winners = new Set<string>();
  let looked = 0;
  for (const rule of rulesWith(all, snapshot)) {
    if (++looked > mostRules) return [];
    for (const winner of winnersOver(all.written, rule)) {
      if (winner === all.written) return [];
      winners.add(winner.name);
    }
  }
  return overruledBy(policy.type, winners);
}

/** @param names of the policies of its kind that overrule all that a policy says; nothing is said where there are none */
export function overruledBy(type: string, names: ReadonlySet<string>): readonly string[] {
  if (names.size === 0) return [];
  const named = [...names].map((name) => `"${name}"`).join(', ');
  return [`the policy has no effect now: all that it says is overruled by ${type} ${named}`];
}

/** Whose are the values that a policy states, among them itself. */
function winnersOver(policy: PolicyResource, { items }: Effective): ReadonlySet<PolicyResource> {
  const own = new Set(items.filter(({ origin }) => origin.policy === policy).flatMap((item) => [...statedPaths(item)]));
  const strategy = mergeStrategies[policy.type] ?? {};
  const winner = (path: string) => items.findLast((item) => statedBy(item).has(path))!.origin.policy;
  // Lists that add up take nothing from each other.
  return new Set([...own].map((path) => (strategy[path] ? policy : winner(path))));
}

/** Whoever states something below states what it is in, too: an empty message may switch something on, such as `http: {}`. */
export const statedBy = byIdentity((item: EffectiveItem): ReadonlySet<string> => {
  return new Set([...statedPaths(item)].flatMap((path) => [path, ...parents(path)]));
});

/** Rules of routes are a map from their matches to what each of them states. */
export function* statedPaths({ conf, origin }: EffectiveItem): Iterable<string> {
  if (origin.policy.type !== 'MeshHTTPRoute') {
    yield* leafPaths(conf);
    return;
  }
  for (const rule of (conf as Routes).rules ?? []) yield* leafPaths(rule.default ?? {}, ruleKey(rule));
}

function* parents(path: string): Iterable<string> {
  for (let end = path.lastIndexOf('.'); end > 0; end = path.lastIndexOf('.', end - 1)) yield path.slice(0, end);
}
