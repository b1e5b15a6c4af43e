import { fieldPath, type Path } from '../../resources/field-path.ts';
import type { ResourceDraft } from '../../resources/resource.ts';
import { type EffectiveItem, leafPaths } from '../../rules/effective.ts';
import { canonicalJson } from '../../rules/merge.ts';
import { policyItems } from '../../rules/policy-items.ts';
import type { MeshSnapshot } from '../../snapshot/mesh-snapshot.ts';
import type { PolicyResource, PolicySpec } from '../../target-ref/policy-spec.ts';
import { mergeStrategies } from '../index.ts';
import { ruleKey } from '../mesh-http-route/merged-rules.ts';
import { placedRules } from '../mesh-http-route/placed-rules.ts';
import type { Routes } from '../mesh-http-route/routes.ts';
import { mergedByField, statedBy, statedPaths } from './overruled.ts';
import { asWritten } from './rules-with.ts';

/** Items of a policy of which others of its own, for the very same traffic, overrule every value, whatever the mesh is like. */
export function repeatedItemWarnings(snapshot: MeshSnapshot, policy: ResourceDraft<PolicySpec>): readonly string[] {
  if (!mergedByField.has(policy.type)) return [];
  const { written } = asWritten(snapshot, policy);
  return [...repeatedItems(written), ...repeatedRules(written)].map(
    ({ at, by }) => `field '${fieldPath(...at)}' has no effect: all that it says is overruled by ${by.join(', ')}`,
  );
}

interface Repeated {
  readonly at: Path;
  /** Fields of those that overrule it. */
  readonly by: readonly string[];
}

/** Of two items for the same destination, or the same clients, the later one wins. */
function repeatedItems(policy: PolicyResource): readonly Repeated[] {
  const { to, inbound } = policyItems(policy);
  const placed = [
    ...to.map((item) => ({ item, list: 'to', key: canonicalJson(item.targetRef) })),
    ...inbound.map((item) => ({ item, list: item.list, key: canonicalJson([item.client, item.matches]) })),
  ].map((each) => ({ ...each, at: ['spec', each.list, each.item.origin.ruleIndex!] }));
  const groups = [...Map.groupBy(placed, ({ list, key }) => `${list} ${key}`).values()];
  return groups.flatMap((group) =>
    group.flatMap(({ item, at }, i) => {
      const by = overruling(policy.type, item, group.slice(i + 1));
      return by ? [{ at, by: by.map((later) => fieldPath(...later.at)) }] : [];
    }),
  );
}

/** The last ones that state the values of an item; undefined where one of its values counts. */
function overruling<Later extends { readonly item: EffectiveItem }>(
  type: string,
  item: EffectiveItem,
  later: readonly Later[],
): readonly Later[] | undefined {
  const strategy = mergeStrategies[type] ?? {};
  const winners = [...statedPaths(item)].map((path) => {
    // Lists that add up take nothing from each other.
    return strategy[path] ? undefined : later.findLast((each) => statedBy(each.item).has(path));
  });
  if (winners.length === 0 || winners.includes(undefined)) return undefined;
  return [...new Set(winners as Later[])];
}

/** Of two rules of a route with the same matches, the earlier one wins. */
function repeatedRules({ type, spec }: PolicyResource): readonly Repeated[] {
  if (type !== 'MeshHTTPRoute') return [];
  return (spec.to ?? []).flatMap((item, i) => {
    const groups = Map.groupBy(placedRules(item as Routes, ['spec', 'to', i]), ({ rule }) => ruleKey(rule));
    return [...groups.values()].flatMap((group) =>
      group.slice(1).flatMap(({ rule, at }, j) => {
        const earlier = group.slice(0, j + 1);
        const winners = [...leafPaths(rule.default ?? {})].map((path) => {
          return earlier.find((each) => path === '' || [...leafPaths(each.rule.default ?? {})].includes(path));
        });
        if (winners.includes(undefined)) return [];
        return [{ at, by: [...new Set(winners)].map((each) => fieldPath(...each!.at)) }];
      }),
    );
  });
}
