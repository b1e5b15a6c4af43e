import { byIdentity } from '../../memo/by-identity.ts';
import type { Effective } from '../../rules/effective.ts';
import { canonicalJson, mergeConfs } from '../../rules/merge.ts';
import type { RuleOrigin } from '../../rules/policy-items.ts';
import type { MeshHTTPRoute_RuleConf, RouteRule, Routes } from './routes.ts';

/** Rules of the same matches are one. Asked of each rule for each that is merged to it, so that it is worked out once. */
export const ruleKey: (rule: RouteRule) => string = byIdentity(({ matches = [] }) => canonicalJson(matches));

export interface MergedRule {
  readonly matches: NonNullable<RouteRule['matches']>;
  readonly conf: MeshHTTPRoute_RuleConf;
  readonly origins: readonly RuleOrigin[];
  /** The one rule that it is, where nothing was merged. */
  readonly only: RouteRule | undefined;
}

/** The same map as in the merged configuration, with the origins of each entry kept apart: what counts most comes first. */
export function* mergedRules({ items }: Effective<Routes>): Iterable<MergedRule> {
  const all = items.toReversed().flatMap(({ conf, origin }) => (conf.rules ?? []).map((rule) => ({ rule, origin })));
  for (const best of Map.groupBy(all, ({ rule }) => ruleKey(rule)).values()) {
    const parts = best.toReversed();
    yield {
      matches: parts[0]!.rule.matches ?? [],
      conf: mergeConfs(parts.map(({ rule }) => rule.default ?? {})),
      origins: parts.map(({ origin }) => origin),
      only: parts.length === 1 ? parts[0]!.rule : undefined,
    };
  }
}
