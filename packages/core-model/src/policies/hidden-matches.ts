import { fieldPath } from '../resources/field-path.ts';
import type { ResourceDraft } from '../resources/resource.ts';
import type { Effective } from '../rules/effective.ts';
import type { RuleOrigin } from '../rules/policy-items.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';
import type { PolicyResource, PolicySpec } from '../target-ref/policy-spec.ts';
import type { MeshHTTPRoute_Match, Routes } from './mesh-http-route/routes.ts';
import { asWritten, rulesWith } from './rules-with.ts';

interface PlacedMatch {
  readonly match: MeshHTTPRoute_Match;
  readonly origin: RuleOrigin;
  readonly field: string;
}

/**
 * Matches of a MeshHTTPRoute behind a prefix `/` that takes all of their requests: regular expressions and what says nothing
 * of the path come after every prefix.
 */
export function hiddenMatchWarnings(snapshot: MeshSnapshot, policy: ResourceDraft<PolicySpec>): readonly string[] {
  if (policy.type !== 'MeshHTTPRoute' || !(policy.spec.to ?? []).some(mayBeHidden)) return [];
  const all = asWritten(snapshot, policy);
  const warnings = new Map<string, string>();
  for (const rule of rulesWith(all, snapshot)) {
    const matches = placedMatches(rule as Effective<Routes>);
    const prefixes = matches.filter(({ match }) => takesEveryPath(match));
    if (prefixes.length === 0) continue;
    for (const { match, origin, field } of matches) {
      if (origin.policy !== all.written || !comesAfterPrefixes(match) || warnings.has(field)) continue;
      const hiding = prefixes.find((prefix) => conditions(prefix.match).every((each) => conditions(match).includes(each)));
      if (hiding) warnings.set(field, `field '${field}' matches nothing: ${described(hiding, all.written)} comes first`);
    }
  }
  return [...warnings.values()];
}

function mayBeHidden(item: object): boolean {
  return ((item as Routes).rules ?? []).some(({ matches = [] }) => matches.some(comesAfterPrefixes));
}

function comesAfterPrefixes({ path }: MeshHTTPRoute_Match): boolean {
  return path === undefined || path.type === 'RegularExpression';
}

function takesEveryPath({ path }: MeshHTTPRoute_Match): boolean {
  return path?.type === 'PathPrefix' && path.value === '/';
}

/** What a request must have beside its path. */
function conditions({ method, headers = [], queryParams = [] }: MeshHTTPRoute_Match): readonly string[] {
  return [...(method ? [method] : []), ...[...headers, ...queryParams].map((condition) => JSON.stringify(condition))];
}

function placedMatches({ items }: Effective<Routes>): readonly PlacedMatch[] {
  return items.flatMap(({ conf, origin }) =>
    ((conf as Routes).rules ?? []).flatMap(({ matches = [] }, j) =>
      matches.map((match, k) => {
        const field = fieldPath('spec', 'to', origin.ruleIndex ?? 0, 'rules', j, 'matches', k);
        return { match, origin, field };
      }),
    ),
  );
}

function described({ field, origin: { policy } }: PlacedMatch, written: PolicyResource): string {
  return `the prefix / of ${policy === written ? field : `MeshHTTPRoute "${policy.name}"`}`;
}
