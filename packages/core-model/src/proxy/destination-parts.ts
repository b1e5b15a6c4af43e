import { type Tags, wellKnown } from '../dataplane/tags.ts';
import {
  type ClusterIr,
  isHttp,
  type Origin,
  type OutboundListenerIr,
  type PieceOrigins,
  type Protocol,
  type ProxyNames,
  type RouteConfigIr,
} from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import type { DestinationView, MeshView } from '../policies/policy.ts';
import { destinationKey, type ServiceDestination } from '../rules/destination.ts';
import { pieceOrigins } from '../rules/effective.ts';
import { rulesForDestination, rulesForRoute } from '../rules/outbound-rules.ts';
import type { KindRules } from '../rules/proxy-rules.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';
import {
  clusterName,
  destinationCluster,
  originsOfShaped,
  outboundHttp,
  outboundTcp,
  type RulesByPolicy,
} from './outbound-pieces.ts';
import { outboundRoutes, type Spread, spread, weightedClusters } from './outbound-routes.ts';

export interface OutboundContext {
  readonly snapshot: MeshSnapshot;
  /** The proxy's rules, aligned with the list of policies. */
  readonly kinds: readonly (KindRules | undefined)[];
  readonly mesh: MeshView;
  readonly names: ProxyNames;
  readonly memo: Memo;
}

/** Everything about one destination but the address at which a proxy takes its traffic. */
export interface DestinationParts {
  readonly name: string;
  readonly tags: Tags;
  readonly clusters: readonly ClusterIr[];
  readonly routes: RouteConfigIr | undefined;
  readonly handler: OutboundListenerIr['handler'];
  /** Who shaped the handler. */
  readonly handledBy: readonly Origin[];
  /** Of the other pieces. */
  readonly origins: readonly PieceOrigins[];
  /** The destinations as they looked. */
  readonly views: readonly DestinationView[];
}

/**
 * Made once for all proxies to which policies say the same about this destination, whatever they say about others.
 * @param sender what requests say of who sends them, where no certificate does
 */
export function destinationParts(
  destination: ServiceDestination,
  sender: string | undefined,
  context: OutboundContext,
): DestinationParts {
  const { kinds, names, memo } = context;
  const own = ruled(destination, context);
  const traffic = spread(own.rules, own.about, isHttp(own.about.protocol), memo);
  const backends = traffic.destinations.map((backend) => (backend === own.about.destination ? own : ruled(backend, context)));
  const ofRoutes = traffic.kind === 'tcp' ? [] : traffic.drafts.map(({ policies }) => rulesOfRoute(own, policies, kinds, memo));
  // What follows is determined by the first: which backends are elsewhere, and which routes policies are attached to.
  const elsewhere = backends.filter((backend) => backend !== own).flatMap(({ about, rules }) => [about, rules]);
  const attached = ofRoutes.filter((_, i) => traffic.kind === 'http' && traffic.drafts[i]!.policies.length > 0);
  return memo.once('destination parts', [names, sender, own.about, own.rules, ...elsewhere, ...attached], () =>
    makeDestinationParts({ own, traffic, backends, ofRoutes, sender }, context),
  );
}

/** A destination, and what policies say about it. */
interface Ruled {
  readonly about: DestinationView;
  readonly rules: RulesByPolicy;
}

function ruled(destination: ServiceDestination, context: OutboundContext): Ruled {
  const { kinds, memo } = context;
  const rules = memo.intern(kinds.map((kind) => rulesForDestination(kind, destination, memo))) as RulesByPolicy;
  return { about: destinationView(destination, context), rules };
}

function rulesOfRoute(
  { about, rules }: Ruled,
  routePolicies: Parameters<typeof rulesForRoute>[2],
  kinds: readonly (KindRules | undefined)[],
  memo: Memo,
): RulesByPolicy {
  if (routePolicies.length === 0) return rules;
  return memo.intern(kinds.map((kind) => rulesForRoute(kind, about.destination, routePolicies, memo))) as RulesByPolicy;
}

interface Inputs {
  readonly own: Ruled;
  readonly traffic: Spread;
  readonly backends: readonly Ruled[];
  /** One for each route. */
  readonly ofRoutes: readonly RulesByPolicy[];
  readonly sender: string | undefined;
}

function makeDestinationParts(
  { own, traffic, backends, ofRoutes, sender }: Inputs,
  { mesh, names, memo }: OutboundContext,
): DestinationParts {
  const { about, rules } = own;
  const secrets = { identity: names.identitySecret(mesh.mesh), ca: names.caSecret(mesh.mesh) };
  const clusters = backends.map((backend) => {
    const cluster = destinationCluster(backend.rules, backend.about, secrets, memo);
    const origins = pieceOrigins('cluster', cluster.piece.name, originsOfShaped(cluster, backend.rules));
    return { cluster: cluster.piece, origins };
  });
  const name = clusterName(about.destination);
  const { service, tags } = about.destination;
  const common = {
    name,
    tags: memo.once('outbound tags', [about], () => Object.freeze({ [wellKnown.service]: service, ...tags })),
    clusters: clusters.map(({ cluster }) => cluster),
    views: [about, ...backends.map((backend) => backend.about)],
  };
  const ofClusters = clusters.flatMap(({ origins }) => origins);
  if (traffic.kind === 'tcp') {
    const handler = outboundTcp(rules, about, weightedClusters(traffic.backends), memo);
    const handledBy = originsOfShaped(handler, rules);
    return { ...common, routes: undefined, handler: handler.piece, handledBy, origins: ofClusters };
  }
  const named = names.outboundRoutes(name);
  const { routes, origins } = outboundRoutes({ name: named, drafts: traffic.drafts, rules: ofRoutes, about, sender }, memo);
  const handler = outboundHttp(rules, about, named, memo);
  const handledBy = originsOfShaped(handler, rules);
  const ofPieces = [...ofClusters, ...pieceOrigins('routes', named, origins)];
  return { ...common, routes, handler: handler.piece, handledBy, origins: ofPieces };
}

/** One object for as long as the service looks the same; where it runs is no part of it. */
function destinationView(destination: ServiceDestination, { snapshot, mesh, memo }: OutboundContext): DestinationView {
  const protocol = protocolOf(snapshot, destination);
  return memo.once('destination view', [mesh, protocol, destinationKey(destination)], () =>
    Object.freeze({ ...mesh, destination: Object.freeze(destination), protocol }),
  );
}

export function protocolOf(snapshot: MeshSnapshot, { service }: ServiceDestination): Protocol {
  return snapshot.services.get(service)?.protocol ?? 'tcp';
}
