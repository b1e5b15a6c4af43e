import { type Tags, wellKnown } from '../dataplane/tags.ts';
import {
  type ClusterIr,
  isHttp,
  type OutboundListenerIr,
  type PieceOrigins,
  type Protocol,
  type ProxyNames,
  type RouteConfigIr,
  type RouteIr,
} from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import { policies } from '../policies/index.ts';
import type { BackendDraft, DestinationView, MeshView, RouteDraft } from '../policies/policy.ts';
import { destinationKey, type ServiceDestination } from '../rules/destination.ts';
import { pieceOrigins } from '../rules/effective.ts';
import { rulesForDestination, rulesForRoute, speaksOfRoutes } from '../rules/outbound-rules.ts';
import type { KindRules } from '../rules/proxy-rules.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';
import { tlsTowards } from '../snapshot/tls-readiness.ts';
import {
  clusterName,
  destinationCluster,
  originsOfShaped,
  outboundHttp,
  outboundTcp,
  type RulesByPolicy,
  type SaidByPolicy,
  saidBy,
} from './outbound-pieces.ts';
import { outboundRoutes, type Spread, spread, weightedClusters } from './outbound-routes.ts';
import type { Shaped } from './shaped.ts';

export interface OutboundContext {
  readonly snapshot: MeshSnapshot;
  /** The proxy's rules, aligned with the list of policies. */
  readonly kinds: readonly (KindRules | undefined)[];
  readonly mesh: MeshView;
  readonly names: ProxyNames;
  /** Whether to say who shaped the pieces. */
  readonly origins: boolean;
  readonly memo: Memo;
}

/** Everything about one destination but the address at which a proxy takes its traffic. */
export interface DestinationPieces {
  readonly name: string;
  readonly tags: Tags;
  readonly clusters: readonly ClusterIr[];
  readonly routes: RouteConfigIr | undefined;
  readonly handler: OutboundListenerIr['handler'];
  /** The destinations as they looked. */
  readonly views: readonly DestinationView[];
  /** The same pieces, with the places of the policies that shaped them. */
  readonly shaped: {
    readonly clusters: readonly Shaped<ClusterIr>[];
    readonly handler: Shaped<OutboundListenerIr['handler']>;
    readonly routes: readonly Shaped<RouteIr>[];
  };
}

/**
 * Made once for all proxies to which policies say the same about this destination, whichever policies they are and whatever
 * they say about others.
 * @param sender what requests say of who sends them, where no certificate does
 */
export function destinationPieces(
  destination: ServiceDestination,
  sender: string | undefined,
  context: OutboundContext,
): DestinationPieces {
  const { names, memo } = context;
  const inputs = inputsOf(destination, context);
  const { own, backends, ofRoutes } = inputs;
  // What follows is determined by the first: which backends are elsewhere, and which routes policies may be attached to.
  const elsewhere = backends.filter((backend) => backend !== own).flatMap(({ about, said }) => [about, said]);
  const attached = ofRoutes.filter((rules) => rules !== undefined);
  return memo.once('destination pieces', [names, sender, own.about, own.said, ...elsewhere, ...attached], () =>
    makePieces(inputs, sender, context),
  );
}

/** Who shaped a destination's pieces, and the handler in the listener of this name. */
export function destinationOrigins(
  destination: ServiceDestination,
  { shaped, routes }: DestinationPieces,
  listener: string,
  context: OutboundContext,
): readonly PieceOrigins[] {
  const inputs = inputsOf(destination, context);
  const { own, traffic, backends, ofRoutes } = inputs;
  const drafts = draftsOf(traffic);
  const rulesOf = (i: number) => ofRoutes[i] ?? own.rules;
  const byRoute = shaped.routes.flatMap((route, i) => [...drafts[i]!.origins, ...originsOfShaped(route, rulesOf(i))]);
  const byLogs = shaped.routes.flatMap(({ piece, by }, i) =>
    piece.accessLogs ? originsOfShaped({ by: by.filter((place) => place === logging) }, rulesOf(i)) : [],
  );
  return [
    ...shaped.clusters.flatMap((cluster, i) =>
      pieceOrigins('cluster', cluster.piece.name, originsOfShaped(cluster, backends[i]!.rules)),
    ),
    ...(routes ? pieceOrigins('routes', routes.name, byRoute) : []),
    ...pieceOrigins('listener', listener, [...originsOfShaped(shaped.handler, ofConnections(inputs).rules), ...byLogs]),
  ];
}

/** Place of the policy whose pieces of routes stand in the listener. */
const logging = policies.findIndex(({ kind }) => kind === 'MeshAccessLog');

interface Inputs {
  readonly own: Ruled;
  readonly traffic: Spread;
  readonly backends: readonly Ruled[];
  /** One for each route. */
  readonly ofRoutes: readonly (RulesByPolicy | undefined)[];
}

function inputsOf(destination: ServiceDestination, context: OutboundContext): Inputs {
  const { kinds, memo } = context;
  const own = ruled(destination, context);
  const traffic = spread(own.said, own.about, isHttp(own.about.protocol), memo);
  const backends = traffic.destinations.map((backend) => (backend === own.about.destination ? own : ruled(backend, context)));
  const ofRoutes = draftsOf(traffic).map((draft) => rulesOfRoute(own, draft, kinds, memo));
  return { own, traffic, backends, ofRoutes };
}

/** A destination, and what policies say about it. */
interface Ruled {
  readonly about: DestinationView;
  readonly rules: RulesByPolicy;
  readonly said: SaidByPolicy;
}

function ruled(destination: ServiceDestination, context: OutboundContext): Ruled {
  const { kinds, memo } = context;
  const rules = memo.intern(kinds.map((kind) => rulesForDestination(kind, destination, memo))) as RulesByPolicy;
  return { about: destinationView(destination, context), rules, said: saidBy(rules, memo) };
}

/** undefined where the route is ruled as its destination is: no policy can be attached to it, or none is to any. */
function rulesOfRoute(
  { about }: Ruled,
  draft: RouteDraft,
  kinds: readonly (KindRules | undefined)[],
  memo: Memo,
): RulesByPolicy | undefined {
  if (draft.policies.length === 0) return undefined;
  const destination = routedPart(draft, about.destination);
  if (destination === about.destination && !kinds.some(speaksOfRoutes)) return undefined;
  const rules = kinds.map((kind, i) => (shapesRoutes[i] ? rulesForRoute(kind, destination, draft.policies, memo) : undefined));
  return memo.intern(rules) as RulesByPolicy;
}

/** Nobody asks for the rules of the others: there may be hundreds of routes, each of which would be looked up among all. */
const shapesRoutes: readonly boolean[] = policies.map(({ outbound }) => outbound?.route !== undefined);

/** A route whose requests all go to one part of the service is ruled as that part is; a weight of 0 sends none. */
function routedPart({ action }: RouteDraft, whole: ServiceDestination): ServiceDestination {
  return action.kind === 'forward' ? onlyPart(action.backends, whole) : whole;
}

/** So are its connections, where they all go to one part. */
function ofConnections({ own, traffic, backends }: Inputs): Ruled {
  if (traffic.kind === 'http') return own;
  const part = onlyPart(traffic.backends, own.about.destination);
  return backends[traffic.destinations.indexOf(part)] ?? own;
}

/** The part of a service that all of its traffic goes to; all of it where there is no such part. */
export function onlyPart(backends: readonly BackendDraft[], whole: ServiceDestination): ServiceDestination {
  const [first, ...others] = backends.filter(({ weight }) => weight > 0).map(({ destination }) => destination);
  const one = first?.service === whole.service && others.every((other) => clusterName(other) === clusterName(first));
  return one ? first : whole;
}

function draftsOf(traffic: Spread): readonly RouteDraft[] {
  return traffic.kind === 'http' ? traffic.drafts : [];
}

function makePieces(inputs: Inputs, sender: string | undefined, { mesh, names, memo }: OutboundContext): DestinationPieces {
  const { traffic, backends, ofRoutes } = inputs;
  const { about, said } = inputs.own;
  const secrets = { identity: names.identitySecret(mesh.mesh), ca: names.caSecret(mesh.mesh) };
  const clusters = backends.map((backend) => destinationCluster(backend.said, backend.about, secrets, memo));
  const name = clusterName(about.destination);
  const { service, tags } = about.destination;
  const common = {
    name,
    tags: memo.once('outbound tags', [about], () => Object.freeze({ [wellKnown.service]: service, ...tags })),
    clusters: clusters.map(({ piece }) => piece),
    views: [about, ...backends.map((backend) => backend.about)],
  };
  if (traffic.kind === 'tcp') {
    const handler = outboundTcp(ofConnections(inputs).said, about, weightedClusters(traffic.backends), memo);
    return { ...common, routes: undefined, handler: handler.piece, shaped: { clusters, handler, routes: [] } };
  }
  const named = names.outboundRoutes(name);
  const host = names.outboundHost(name, service);
  const { config, shaped } = outboundRoutes({ name: named, host, drafts: traffic.drafts, said, ofRoutes, about, sender }, memo);
  const handler = outboundHttp(said, about, named, memo);
  return { ...common, routes: config, handler: handler.piece, shaped: { clusters, handler, routes: shaped } };
}

/** One object for as long as the service looks the same; where it runs is no part of it. */
function destinationView(destination: ServiceDestination, { snapshot, mesh, memo }: OutboundContext): DestinationView {
  const protocol = protocolOf(snapshot, destination);
  const tls = tlsTowards(snapshot, destination.service);
  return memo.once('destination view', [mesh, tls, protocol, destinationKey(destination)], () =>
    Object.freeze({ ...mesh, tls, destination: Object.freeze(destination), protocol }),
  );
}

/** Whether a destination is still what it was when something was made of it. */
export function looksAs(view: DestinationView, snapshot: MeshSnapshot): boolean {
  const { destination } = view;
  return view.protocol === protocolOf(snapshot, destination) && view.tls === tlsTowards(snapshot, destination.service);
}

export function protocolOf(snapshot: MeshSnapshot, { service }: ServiceDestination): Protocol {
  return snapshot.services.get(service)?.protocol ?? 'tcp';
}
