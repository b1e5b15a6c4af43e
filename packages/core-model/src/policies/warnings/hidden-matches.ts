import type { MeshHTTPRoute_To } from '../../generated/types/kuma/mesh_http_route.ts';
import type { RouteMatchIr } from '../../ir/index.ts';
import { byIdentity } from '../../memo/by-identity.ts';
import { fieldPath } from '../../resources/field-path.ts';
import type { ResourceDraft } from '../../resources/resource.ts';
import { coversDestination } from '../../rules/destination.ts';
import { canonicalJson } from '../../rules/merge.ts';
import { select } from '../../rules/resolve-rules.ts';
import type { MeshSnapshot } from '../../snapshot/mesh-snapshot.ts';
import { selectedProxies } from '../../snapshot/touched-proxies.ts';
import type { PolicyResource, PolicySpec } from '../../target-ref/policy-spec.ts';
import { proxyTarget } from '../../target-ref/proxy-target.ts';
import { isShadow } from '../../target-ref/shadow.ts';
import { literalBeginning } from '../literal-beginning.ts';
import { compareMatches, routeMatch } from '../mesh-http-route/match.ts';
import { ruleKey } from '../mesh-http-route/merged-rules.ts';
import { placedRules } from '../mesh-http-route/placed-rules.ts';
import type { MeshHTTPRoute_Match } from '../mesh-http-route/routes.ts';
import { asWritten } from './rules-with.ts';

interface PlacedMatch {
  readonly match: MeshHTTPRoute_Match;
  readonly ir: RouteMatchIr;
  readonly targetRef: NonNullable<MeshHTTPRoute_To['targetRef']>;
  readonly policy: PolicyResource;
  readonly field: string;
  /** Rules with the same key are one. */
  readonly key: string;
}

/** Matches of a MeshHTTPRoute behind others that take all of their requests, at every proxy that it selects. */
export function hiddenMatchWarnings(snapshot: MeshSnapshot, policy: ResourceDraft<PolicySpec>): readonly string[] {
  if (policy.type !== 'MeshHTTPRoute') return [];
  const { written, ofKind } = asWritten(snapshot, policy);
  const inForce = ofKind.filter((each) => each === written || !isShadow(each));
  const tried = inTurn(inForce.toReversed().flatMap(placedMatches));
  return placedMatches(written).flatMap(({ field }) => {
    const place = tried.findIndex((each) => each.policy === written && each.field === field);
    const hiding = whatHides(tried[place]!, tried.slice(0, place), snapshot);
    return hiding ? [`field '${field}' matches nothing: ${described(hiding, written)} comes first`] : [];
  });
}

/** Parts of one rule stand where the first of them does; equally specific ones stay in their order, the policy that counts most first. */
function inTurn(matches: readonly PlacedMatch[]): readonly PlacedMatch[] {
  const merged = [...Map.groupBy(matches, ({ key }) => key).values()].flat();
  return merged.sort((a, b) => compareMatches(a.match, b.match));
}

/** One of those that hide a match at all proxies together; who does not call the service has no requests. */
function whatHides(hidden: PlacedMatch, earlier: readonly PlacedMatch[], snapshot: MeshSnapshot): PlacedMatch | undefined {
  const { name: service = '', tags = {} } = hidden.targetRef;
  const hiding = earlier.filter(
    ({ key, targetRef, ir }) =>
      key !== hidden.key && coversDestination(targetRef, { kind: 'service', service, tags }) && takesAll(ir, hidden.ir),
  );
  const own = hiding.find(({ policy }) => policy === hidden.policy);
  if (own || hiding.length === 0) return own;
  let some: PlacedMatch | undefined;
  const callers = snapshot.callers.get(service);
  for (const name of selectedProxies(snapshot, hidden.policy)) {
    if (callers && !callers.has(name)) continue;
    const proxy = proxyTarget(snapshot.dataplanes.get(name)!);
    some = hiding.find(({ policy }) => select(snapshot, policy, proxy) !== 'none');
    if (some === undefined) return undefined;
  }
  return some;
}

function takesAll(earlier: RouteMatchIr, later: RouteMatchIr): boolean {
  return takesPath(earlier.path, later.path) && conditions(earlier).every((each) => conditions(later).includes(each));
}

/** Of regular expressions, those that begin with a text are known to be behind a prefix of it. */
function takesPath(earlier: RouteMatchIr['path'], later: RouteMatchIr['path']): boolean {
  if (earlier.kind === later.kind && earlier.value === later.value) return true;
  if (earlier.kind !== 'prefix') return false;
  if (earlier.value === '/') return true;
  return later.kind === 'regex' && literalBeginning(later.value).startsWith(`${earlier.value}/`);
}

/** What a request must have beside its path. */
function conditions({ method, headers, queryParams }: RouteMatchIr): readonly string[] {
  return [...(method ? [method] : []), ...[...headers, ...queryParams].map(canonicalJson)];
}

const placedMatches: (policy: PolicyResource) => readonly PlacedMatch[] = byIdentity((policy) =>
  ((policy.spec.to ?? []) as readonly MeshHTTPRoute_To[]).flatMap(({ targetRef = { kind: 'Mesh' }, rules = [] }, i) =>
    placedRules({ rules }, ['spec', 'to', i]).flatMap(({ rule, at }) =>
      (rule.matches ?? []).map((match, j) => {
        const field = fieldPath(...at, 'matches', j);
        return { match, ir: routeMatch(match), targetRef, policy, field, key: `${canonicalJson(targetRef)} ${ruleKey(rule)}` };
      }),
    ),
  ),
);

function described({ field, match: { path }, policy }: PlacedMatch, written: PolicyResource): string {
  const of = policy === written ? field : `MeshHTTPRoute "${policy.name}"`;
  return path?.type === 'PathPrefix' ? `the prefix ${path.value} of ${of}` : `what ${of} matches`;
}
