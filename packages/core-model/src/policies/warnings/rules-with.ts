import { furtherTags, type Tags, wellKnown } from '../../dataplane/tags.ts';
import { Memo } from '../../memo/memo.ts';
import type { ResourceDraft } from '../../resources/resource.ts';
import { destinationKey, type ServiceDestination } from '../../rules/destination.ts';
import type { Effective } from '../../rules/effective.ts';
import { rulesForDestination } from '../../rules/outbound-rules.ts';
import type { KindRules } from '../../rules/proxy-rules.ts';
import { resolveRules } from '../../rules/resolve-rules.ts';
import type { MeshSnapshot } from '../../snapshot/mesh-snapshot.ts';
import { selectedProxies } from '../../snapshot/touched-proxies.ts';
import { comparePolicies } from '../../target-ref/order.ts';
import type { PolicyResource, PolicySpec } from '../../target-ref/policy-spec.ts';
import { bothSidesKinds, mergeStrategies } from '../index.ts';

/** A policy that is being written, and all of its kind in order of merging, this one among them. */
export interface Written {
  readonly written: PolicyResource;
  readonly ofKind: readonly PolicyResource[];
}

/** One in shadow as it will be once it is in force. */
export function asWritten(snapshot: MeshSnapshot, policy: ResourceDraft<PolicySpec>): Written {
  const { [wellKnown.effect]: _, ...labels } = policy.labels;
  const written: PolicyResource = { ...policy, labels, creationTime: '', modificationTime: '', revision: 0 };
  // Whether the snapshot has it already, or has it as it was, is a matter of moments.
  const others = (snapshot.policies.get(policy.type) ?? []).filter(({ name }) => name !== policy.name);
  return { written, ofKind: [...others, written].sort(comparePolicies) };
}

/** What it is merged to: for the proxies that it selects, their inbounds, and the destinations that any of them is told of. */
export function* rulesWith(all: Written, snapshot: MeshSnapshot): Iterable<Effective> {
  const memo = new Memo();
  for (const rules of kindRulesWith(all, snapshot, memo)) {
    if (rules.proxy) yield rules.proxy;
    for (const { merged } of rules.inbounds) if (merged) yield merged;
    for (const destination of destinationsOf(rules)) {
      const rule = rulesForDestination(rules, destination, memo);
      if (rule) yield rule;
    }
  }
}

/** The rules of its kind for the proxies that it selects, each once. */
export function* kindRulesWith({ written, ofKind }: Written, snapshot: MeshSnapshot, memo: Memo): Iterable<KindRules> {
  const routes = snapshot.policies.get('MeshHTTPRoute') ?? [];
  const after = { ...snapshot, policies: new Map([['MeshHTTPRoute', routes] as const, [written.type, ofKind] as const]) };
  const options = { memo, strategies: mergeStrategies, bothSides: bothSidesKinds };
  const seen = new Set<KindRules>();
  for (const name of selectedProxies(after, written)) {
    const rules = resolveRules(after, after.dataplanes.get(name)!, options).kinds.get(written.type);
    if (rules === undefined || seen.has(rules)) continue;
    seen.add(rules);
    yield rules;
  }
}

/** Each once, be it named by hundreds. */
function destinationsOf({ to }: KindRules): Iterable<ServiceDestination> {
  const named = [{}, ...to.map(({ targetRef }) => targetRef)].map(
    ({ name: service = '', tags }: { readonly name?: string; readonly tags?: Tags }): ServiceDestination => ({
      kind: 'service',
      service,
      tags: furtherTags(tags),
    }),
  );
  return new Map(named.map((destination) => [destinationKey(destination), destination])).values();
}
