import { byIdentity } from '../../memo/by-identity.ts';
import { type Effective, irOrigin } from '../../rules/effective.ts';
import type { RuleOrigin } from '../../rules/policy-items.ts';
import { backendDestination, backendDrafts } from '../backend-refs.ts';
import { decimal } from '../conf-values.ts';
import type { DestinationView, ForwardDraft, Policy, RouteDraft } from '../policy.ts';
import { headerChanges, redirect, rewrite } from './filters.ts';
import { routeName } from './http-matches.ts';
import { compareMatches, routeMatch } from './match.ts';
import { type MergedRule, mergedRules, ruleKey } from './merged-rules.ts';
import type { MeshHTTPRoute_Match, MeshHTTPRoute_RuleConf, RouteRule, Routes } from './routes.ts';
import { useless } from './useless.ts';

/** Where requests go, by what they look like, and what is changed on the way. */
export const meshHTTPRoute: Policy<Routes> = {
  kind: 'MeshHTTPRoute',
  // `rules` of all policies are one map from matches to configuration.
  merge: { rules: { kind: 'by-key', key: (rule) => ruleKey(rule as RouteRule) } },
  outbound: { httpRoutes: routeDrafts },
  useless,
};

/** Most specific match first; of what is equally specific that of the policy that counts most. */
function routeDrafts(rule: Effective<Routes>, about: DestinationView): readonly RouteDraft[] | undefined {
  const drafts = [...mergedRules(rule)]
    .flatMap((merged) => matchDrafts(merged, about))
    .sort((a, b) => compareMatches(a.match, b.match))
    .map(({ draft }) => draft);
  return drafts.length > 0 ? drafts : undefined;
}

interface MatchDraft {
  readonly match: MeshHTTPRoute_Match;
  readonly draft: RouteDraft;
}

/** Of a rule that stands as it was the same objects as before: with hundreds of routes, one that changes is made anew and no other. */
function matchDrafts(merged: MergedRule, about: DestinationView): readonly MatchDraft[] {
  const known = merged.only && draftsOfRule(merged.only);
  const drafts =
    known?.get(about) ??
    merged.matches.map((match) => ({ match, draft: routeDraft(routeMatch(match), merged.conf, merged.origins, about) }));
  known?.set(about, drafts);
  return drafts;
}

const draftsOfRule = byIdentity((_: RouteRule) => new WeakMap<DestinationView, readonly MatchDraft[]>());

function routeDraft(
  match: RouteDraft['match'],
  conf: MeshHTTPRoute_RuleConf,
  origins: readonly RuleOrigin[],
  about: DestinationView,
): RouteDraft {
  const filters = conf.filters ?? [];
  return {
    name: routeName(match),
    match,
    action: redirect(filters, match) ?? forward(conf, match, about),
    requestHeaders: headerChanges(filters.flatMap(({ requestHeaderModifier }) => requestHeaderModifier ?? [])),
    responseHeaders: headerChanges(filters.flatMap(({ responseHeaderModifier }) => responseHeaderModifier ?? [])),
    origins: origins.map(irOrigin),
    policies: origins.map(({ policy }) => policy),
  };
}

function forward(
  { filters = [], backendRefs = [] }: MeshHTTPRoute_RuleConf,
  match: RouteDraft['match'],
  about: DestinationView,
): ForwardDraft {
  const mirrors = filters.flatMap(({ requestMirror }) => {
    const destination = requestMirror?.backendRef && backendDestination(requestMirror.backendRef);
    return destination ? { destination, percentage: decimal(requestMirror.percentage) ?? 100 } : [];
  });
  const change = rewrite(filters, match);
  return {
    kind: 'forward',
    backends: backendRefs.length > 0 ? backendDrafts(backendRefs) : [{ destination: about.destination, weight: 1 }],
    mirrors,
    ...(change && { rewrite: change }),
  };
}
