import { wellKnown } from '../dataplane/tags.ts';
import type { MeshHTTPRoute_To } from '../generated/types/kuma/mesh_http_route.ts';
import { fieldPath } from '../resources/field-path.ts';
import type { ResourceDraft } from '../resources/resource.ts';
import { coversDestination } from '../rules/destination.ts';
import { select } from '../rules/resolve-rules.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';
import { selectedProxies } from '../snapshot/touched-proxies.ts';
import type { PolicyResource, PolicySpec } from '../target-ref/policy-spec.ts';
import { proxyTarget } from '../target-ref/proxy-target.ts';
import type { MeshHTTPRoute_Match } from './mesh-http-route/routes.ts';
import { asWritten } from './rules-with.ts';

interface PlacedMatch {
  readonly match: MeshHTTPRoute_Match;
  readonly targetRef: NonNullable<MeshHTTPRoute_To['targetRef']>;
  readonly policy: PolicyResource;
  readonly field: string;
}

/**
 * Matches of a MeshHTTPRoute that get no request at any of its proxies, as a prefix `/` takes them: regular expressions and
 * what says nothing of the path come after every prefix.
 */
export function hiddenMatchWarnings(snapshot: MeshSnapshot, policy: ResourceDraft<PolicySpec>): readonly string[] {
  if (policy.type !== 'MeshHTTPRoute') return [];
  const { written, ofKind } = asWritten(snapshot, policy);
  const late = placedMatches(written).filter(({ match }) => comesAfterPrefixes(match));
  if (late.length === 0) return [];
  const inForce = ofKind.filter(({ labels }) => labels[wellKnown.effect] !== 'shadow');
  const prefixes = inForce.flatMap(placedMatches).filter(({ match }) => takesEveryPath(match));
  return late.flatMap((placed) => {
    const hiding = whatHides(placed, prefixes, snapshot);
    return hiding ? [`field '${placed.field}' matches nothing: ${described(hiding, written)} comes first`] : [];
  });
}

/** One prefix of those that hide a match at all proxies together. */
function whatHides(
  { match, targetRef, policy }: PlacedMatch,
  prefixes: readonly PlacedMatch[],
  snapshot: MeshSnapshot,
): PlacedMatch | undefined {
  const { name: service = '', tags = {} } = targetRef;
  const hiding = prefixes.filter(
    (prefix) =>
      coversDestination(prefix.targetRef, { kind: 'service', service, tags }) &&
      conditions(prefix.match).every((condition) => conditions(match).includes(condition)),
  );
  const own = hiding.find((prefix) => prefix.policy === policy);
  if (own || hiding.length === 0) return own;
  let some: PlacedMatch | undefined;
  for (const name of selectedProxies(snapshot, policy)) {
    const proxy = proxyTarget(snapshot.dataplanes.get(name)!);
    some = hiding.find((prefix) => select(snapshot, prefix.policy, proxy) !== 'none');
    if (some === undefined) return undefined;
  }
  return some;
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

function placedMatches(policy: PolicyResource): readonly PlacedMatch[] {
  return ((policy.spec.to ?? []) as readonly MeshHTTPRoute_To[]).flatMap(({ targetRef = { kind: 'Mesh' }, rules = [] }, i) =>
    rules.flatMap(({ matches = [] }, j) =>
      matches.map((match, k) => ({ match, targetRef, policy, field: fieldPath('spec', 'to', i, 'rules', j, 'matches', k) })),
    ),
  );
}

function described({ field, policy }: PlacedMatch, written: PolicyResource): string {
  return `the prefix / of ${policy === written ? field : `MeshHTTPRoute "${policy.name}"`}`;
}
