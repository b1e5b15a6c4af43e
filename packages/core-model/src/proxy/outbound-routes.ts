import { senderTagsHeader } from '../dataplane/sender-tags.ts';
import type { RouteActionIr, RouteConfigIr, RouteIr, WeightedClusterIr } from '../ir/index.ts';
import { byIdentity } from '../memo/by-identity.ts';
import type { Memo } from '../memo/memo.ts';
import { policies } from '../policies/index.ts';
import type { BackendDraft, DestinationView, RouteDraft } from '../policies/policy.ts';
import { deepFreeze } from '../resources/freeze.ts';
import { destinationKey, type ServiceDestination } from '../rules/destination.ts';
import type { Effective } from '../rules/effective.ts';
import {
  clusterName,
  outboundRoute,
  type RulesByPolicy,
  routeConfs,
  type SaidByPolicy,
  saidBy,
  spreads,
} from './outbound-pieces.ts';
import type { Shaped } from './shaped.ts';

/** How the traffic to a destination is spread, and over which destinations. */
export type Spread =
  | { readonly kind: 'http'; readonly drafts: readonly RouteDraft[]; readonly destinations: readonly ServiceDestination[] }
  | { readonly kind: 'tcp'; readonly backends: readonly BackendDraft[]; readonly destinations: readonly ServiceDestination[] };

/**
 * Routes of requests come first; routes of connections count for HTTP only where there are none of those.
 * @param http whether requests to the destination can be told apart
 */
export function spread(said: SaidByPolicy, about: DestinationView, http: boolean, memo: Memo): Spread {
  return memo.once('spread', [said, about], () => {
    const rules = said.map((rule, i) => (spreads[i] ? rule : undefined)) as RulesByPolicy;
    return memo.once('spread by rules', [memo.intern(rules), about], () => spreadBy(rules, about, http));
  });
}

function spreadBy(rules: RulesByPolicy, about: DestinationView, http: boolean): Spread {
  const drafts = http ? askPolicies((hooks, rule) => hooks.httpRoutes?.(rule, about), rules) : undefined;
  const backends = drafts ? undefined : askPolicies((hooks, rule) => hooks.tcpBackends?.(rule, about), rules);
  if (http && !backends) return httpSpread(drafts ?? [], about);
  const chosen = backends ?? [{ destination: about.destination, weight: 1 }];
  return Object.freeze<Spread>({ kind: 'tcp', backends: chosen, destinations: chosen.map(({ destination }) => destination) });
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
  const led = all.flatMap(({ action }) =>
    action.kind === 'forward' ? [...action.backends, ...action.mirrors].map((backend) => backend.destination) : [],
  );
  // Hundreds of routes may lead to the same few.
  const destinations = [...new Map(led.map((each) => [destinationKey(each), each])).values()];
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
  readonly host: string;
  readonly drafts: readonly RouteDraft[];
  readonly said: SaidByPolicy;
  /** Of those drafts that policies may be attached to; a draft without is ruled as its destination is. */
  readonly ofRoutes: readonly (RulesByPolicy | undefined)[];
  readonly about: DestinationView;
  /** Tags of who sends the requests, to be said in a header. */
  readonly sender: string | undefined;
}

/** The routes, and each as policies shaped it. */
export function outboundRoutes(
  { name, host, drafts, said, ofRoutes, about, sender }: RoutesInput,
  memo: Memo,
): { readonly config: RouteConfigIr; readonly shaped: readonly Shaped<RouteIr>[] } {
  const ofAll = routeConfs(said, memo);
  const shaped = drafts.map((draft, i) => {
    const rules = ofRoutes[i];
    const confs = rules ? routeConfs(saidBy(rules, memo), memo) : ofAll;
    return outboundRoute(routeOf(draft), { confs, ofAll }, about, memo);
  });
  const routes = memo.intern(shaped.map(({ piece }) => piece));
  const config = memo.once('outbound routes', [routes, name, host, sender], () =>
    deepFreeze<RouteConfigIr>({
      name,
      host,
      direction: 'outbound',
      domains: ['*'],
      routes,
      stripRequestHeaders: [],
      setRequestHeaders: sender === undefined ? [] : [{ name: senderTagsHeader, value: sender }],
    }),
  );
  return { config, shaped };
}

/** Before policies on timeouts and the like have shaped it. */
const routeOf: (draft: RouteDraft) => RouteIr = byIdentity(({ policies: _, origins: __, action, ...route }) => {
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
});

/** Backends of one cluster are one, with the sum of their weights. */
export function weightedClusters(backends: readonly BackendDraft[]): readonly WeightedClusterIr[] {
  const weights = new Map<string, number>();
  for (const { destination, weight } of backends) {
    const cluster = clusterName(destination);
    weights.set(cluster, (weights.get(cluster) ?? 0) + weight);
  }
  return [...weights].map(([cluster, weight]) => ({ cluster, weight }));
}
