import { senderTagsHeader } from '../dataplane/sender-tags.ts';
import type { RouteActionIr, RouteConfigIr, RouteIr, WeightedClusterIr } from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import { policies } from '../policies/index.ts';
import type { BackendDraft, DestinationView, RouteDraft } from '../policies/policy.ts';
import { deepFreeze } from '../resources/freeze.ts';
import type { ServiceDestination } from '../rules/destination.ts';
import type { Effective } from '../rules/effective.ts';
import { routeItems, rulesForRoute } from '../rules/outbound-rules.ts';
import type { KindRules } from '../rules/proxy-rules.ts';
import { clusterName, outboundRoute, type RulesByPolicy } from './outbound-pieces.ts';

/** How the traffic to a destination is spread, and over which destinations. */
export type Spread =
  | { readonly kind: 'http'; readonly drafts: readonly RouteDraft[]; readonly destinations: readonly ServiceDestination[] }
  | { readonly kind: 'tcp'; readonly backends: readonly BackendDraft[]; readonly destinations: readonly ServiceDestination[] };

/**
 * Routes of requests come first; routes of connections count for HTTP only where there are none of those.
 * @param http whether requests to the destination can be told apart
 */
export function spread(rules: RulesByPolicy, about: DestinationView, http: boolean, memo: Memo): Spread {
  return memo.once('spread', [rules, about], () => {
    const drafts = http ? askPolicies((hooks, rule) => hooks.httpRoutes?.(rule, about), rules) : undefined;
    const backends = drafts ? undefined : askPolicies((hooks, rule) => hooks.tcpBackends?.(rule, about), rules);
    if (http && !backends) return httpSpread(drafts ?? [], about);
    const chosen = backends ?? [{ destination: about.destination, weight: 1 }];
    return Object.freeze<Spread>({ kind: 'tcp', backends: chosen, destinations: chosen.map(({ destination }) => destination) });
  });
}

type OutboundHooks = NonNullable<(typeof policies)[number]['outbound']>;

/** The answer of the first policy that has one. */
function askPolicies<T>(
  ask: (hooks: OutboundHooks, rule: Effective<never>) => T | undefined,
  rules: RulesByPolicy,
): T | undefined {
  for (const [i, { outbound }] of policies.entries()) {
    const answer = outbound && rules[i] && ask(outbound, rules[i]);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function httpSpread(drafts: readonly RouteDraft[], { destination }: DestinationView): Spread {
  const all = drafts.some(({ match }) => matchesAll(match)) ? drafts : [...drafts, everythingTo(destination)];
  const destinations = all.flatMap(({ action }) =>
    action.kind === 'forward' ? [...action.backends, ...action.mirrors].map((backend) => backend.destination) : [],
  );
  return Object.freeze<Spread>({ kind: 'http', drafts: all, destinations });
}

function matchesAll({ path, method, headers, queryParams }: RouteIr['match']): boolean {
  return path.kind === 'prefix' && path.value === '/' && method === undefined && headers.length === 0 && queryParams.length === 0;
}

const noChanges = deepFreeze({ set: [], add: [], remove: [] });

function everythingTo(destination: ServiceDestination): RouteDraft {
  return {
    name: '/',
    match: { path: { kind: 'prefix', value: '/' }, headers: [], queryParams: [] },
    action: { kind: 'forward', backends: [{ destination, weight: 1 }], mirrors: [] },
    requestHeaders: noChanges,
    responseHeaders: noChanges,
    policies: [],
    origins: [],
  };
}

export interface RoutesInput {
  readonly name: string;
  readonly drafts: readonly RouteDraft[];
  readonly rules: RulesByPolicy;
  readonly about: DestinationView;
  readonly kinds: readonly (KindRules | undefined)[];
  /** Tags of who sends the requests, to be said in a header. */
  readonly sender: string | undefined;
}

export function outboundRoutes({ name, drafts, rules, about, kinds, sender }: RoutesInput, memo: Memo): RouteConfigIr {
  // Items that are for single routes are not among the rules of the destination.
  const ofRoutes = memo.intern(kinds.flatMap(routeItems));
  return memo.once('outbound routes', [rules, about, ofRoutes, name, sender], () => {
    const routes = drafts.map((draft) => {
      const ruled =
        draft.policies.length === 0
          ? rules
          : kinds.map((kind) => rulesForRoute(kind, about.destination, draft.policies, memo) as Effective<never> | undefined);
      return outboundRoute(routeOf(draft), ruled, about);
    });
    const config = deepFreeze<RouteConfigIr>({
      name,
      direction: 'outbound',
      domains: ['*'],
      routes,
      stripRequestHeaders: [],
      setRequestHeaders: sender === undefined ? [] : [{ name: senderTagsHeader, value: sender }],
      origins: distinct(routes.flatMap(({ origins }) => origins)),
    });
    return memo.sameContent(config);
  });
}

function routeOf({ policies: _, action, ...route }: RouteDraft): RouteIr {
  if (action.kind !== 'forward') return { ...route, action };
  const { backends, mirrors, rewrite } = action;
  const forward: RouteActionIr = {
    kind: 'forward',
    clusters: weightedClusters(backends),
    timeouts: {},
    ...(rewrite && { rewrite }),
    mirrors: mirrors.map(({ destination, percentage }) => ({ cluster: clusterName(destination), percentage })),
  };
  return { ...route, action: forward };
}

/** Backends of one cluster are one, with the sum of their weights. */
export function weightedClusters(backends: readonly BackendDraft[]): readonly WeightedClusterIr[] {
  const weights = new Map<string, number>();
  for (const { destination, weight } of backends) {
    const cluster = clusterName(destination);
    weights.set(cluster, (weights.get(cluster) ?? 0) + weight);
  }
  return [...weights].map(([cluster, weight]) => ({ cluster, weight }));
}

function distinct(origins: RouteConfigIr['origins']): RouteConfigIr['origins'] {
  return [...new Map(origins.map((origin) => [`${origin.kri}/${origin.ruleIndex}`, origin])).values()];
}
