import { calledService, outboundsOf, tagSetsOf } from '../dataplane/parts.ts';
import { senderTags } from '../dataplane/sender-tags.ts';
import { type Tags, wellKnown, withoutTag } from '../dataplane/tags.ts';
import type { Dataplane, Dataplane_Outbound } from '../generated/types/kuma/dataplane.ts';
import {
  type ClusterIr,
  isHttp,
  type Origin,
  type OutboundListenerIr,
  type Protocol,
  type ProxyNames,
  type RouteConfigIr,
} from '../ir/index.ts';
import { byIdentity } from '../memo/by-identity.ts';
import type { Memo } from '../memo/memo.ts';
import type { DestinationView, MeshView } from '../policies/policy.ts';
import { deepFreeze } from '../resources/freeze.ts';
import type { Resource } from '../resources/resource.ts';
import { destinationKey, type ServiceDestination } from '../rules/destination.ts';
import { type Effective, originsOf } from '../rules/effective.ts';
import { rulesForDestination } from '../rules/outbound-rules.ts';
import type { KindRules } from '../rules/proxy-rules.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';
import {
  clusterName,
  destinationCluster,
  outboundHttp,
  outboundTcp,
  type RulesByPolicy,
  rulesUsedBy,
} from './outbound-pieces.ts';
import { outboundRoutes, spread, weightedClusters } from './outbound-routes.ts';

export interface OutboundParts {
  readonly listeners: readonly OutboundListenerIr[];
  readonly routes: readonly RouteConfigIr[];
  readonly clusters: readonly ClusterIr[];
}

export interface OutboundContext {
  readonly snapshot: MeshSnapshot;
  /** The proxy's rules, aligned with the list of policies. */
  readonly kinds: readonly (KindRules | undefined)[];
  readonly mesh: MeshView;
  readonly names: ProxyNames;
  readonly memo: Memo;
}

/** Takes the own service's traffic for what it calls. The same object for proxies that call the same, such as all instances of a service. */
export function outboundParts(dataplane: Resource<Dataplane>, context: OutboundContext): OutboundParts {
  const { snapshot, kinds, mesh, names, memo } = context;
  // A certificate says it better, and leaves routes alike for all senders.
  const sender = mesh.tls === 'off' ? senderTags(tagSetsOf(dataplane)) : undefined;
  const tos = memo.intern(kinds.map((kind) => kind?.to));
  return memo.onceWhile<OutboundParts & Looks>(
    'outbounds',
    [tos, mesh, names, sender, outboundsKey(dataplane)],
    (made) => memo.once('looks the same', [made, snapshot.services], () => looksTheSame(made, snapshot)),
    () => makeOutboundParts(dataplane, { kinds, tos, sender }, context),
  );
}

function makeOutboundParts(
  dataplane: Resource<Dataplane>,
  rules: OutboundRules,
  context: OutboundContext,
): OutboundParts & Looks {
  const { names, memo } = context;
  const listeners = new Map<string, OutboundListenerIr>();
  const routes = new Map<string, RouteConfigIr>();
  const clusters = new Map<string, ClusterIr>();
  const views = new Set<DestinationView>();
  for (const outbound of outboundsOf(dataplane)) {
    const destination = outboundDestination(outbound);
    if (destination === undefined || outbound.port === undefined) continue;
    const address = { address: outbound.address || '127.0.0.1', port: outbound.port };
    const made = destinationParts(destination, rules, context);
    const name = names.outboundListener(address.address, address.port, made.name);
    if (listeners.has(name)) continue;
    for (const cluster of made.clusters) clusters.set(cluster.name, cluster);
    if (made.routes) routes.set(made.routes.name, made.routes);
    for (const view of made.views) views.add(view);
    const listener = memo.once<OutboundListenerIr>(
      'outbound listener',
      [made.handler, made.origins, made.tags, name, ...Object.values(address)],
      () => deepFreeze({ kind: 'outbound', name, address, tags: made.tags, handler: made.handler, origins: made.origins }),
    );
    listeners.set(name, listener);
  }
  return {
    listeners: memo.intern([...listeners.values()]),
    routes: memo.intern([...routes.values()]),
    clusters: memo.intern([...clusters.values()]),
    views: [...views],
  };
}

/** All that the outbounds of a dataplane say, as text: instances of a service say the same. */
const outboundsKey: (dataplane: Resource<Dataplane>) => string = byIdentity((dataplane) =>
  JSON.stringify(outboundsOf(dataplane)),
);

/** The destinations as they looked when something was made of them. */
interface Looks {
  readonly views: readonly DestinationView[];
}

function looksTheSame({ views }: Looks, snapshot: MeshSnapshot): boolean {
  return views.every((view) => view.protocol === protocolOf(snapshot, view.destination));
}

const outboundDestination: (outbound: Dataplane_Outbound) => ServiceDestination | undefined = byIdentity((outbound) => {
  const service = calledService(outbound);
  return service === undefined
    ? undefined
    : deepFreeze({ kind: 'service', service, tags: withoutTag(outbound.tags ?? {}, wellKnown.service) });
});

/** Everything about one destination but the address at which a proxy takes its traffic. */
interface DestinationParts extends Looks {
  readonly name: string;
  readonly tags: Tags;
  readonly clusters: readonly ClusterIr[];
  readonly routes: RouteConfigIr | undefined;
  readonly handler: OutboundListenerIr['handler'];
  readonly origins: readonly Origin[];
}

interface OutboundRules {
  readonly kinds: readonly (KindRules | undefined)[];
  /** One object for equal rules. */
  readonly tos: readonly unknown[];
  /** What requests say of who sends them, where no certificate does. */
  readonly sender: string | undefined;
}

function destinationParts(destination: ServiceDestination, outbound: OutboundRules, context: OutboundContext): DestinationParts {
  const { snapshot, mesh, names, memo } = context;
  const { tos, sender } = outbound;
  return memo.onceWhile<DestinationParts>(
    'destination parts',
    [tos, mesh, names, sender, destinationKey(destination)],
    (made) => looksTheSame(made, snapshot),
    () => makeDestinationParts(destination, outbound, context),
  );
}

function makeDestinationParts(
  destination: ServiceDestination,
  { kinds, sender }: OutboundRules,
  context: OutboundContext,
): DestinationParts {
  const { mesh, names, memo } = context;
  const about = destinationView(destination, context);
  const rules = rulesByPolicy(destination, kinds, memo);
  const secrets = { identity: names.identitySecret(mesh.mesh), ca: names.caSecret(mesh.mesh) };
  const traffic = spread(rules, about, isHttp(about.protocol), memo);
  const backends = traffic.destinations.map((backend) => destinationView(backend, context));
  const name = clusterName(destination);
  const { service, tags } = destination;
  const common = {
    name,
    tags: memo.once('outbound tags', [about], () => Object.freeze({ [wellKnown.service]: service, ...tags })),
    clusters: backends.map((view) => destinationCluster(rulesByPolicy(view.destination, kinds, memo), view, secrets, memo)),
    origins: originsUsedBy(traffic.kind, rules, memo),
    views: [about, ...backends],
  };
  if (traffic.kind === 'tcp') {
    return { ...common, routes: undefined, handler: outboundTcp(rules, about, weightedClusters(traffic.backends), memo) };
  }
  const routes = outboundRoutes({ name: names.outboundRoutes(name), drafts: traffic.drafts, rules, about, kinds, sender }, memo);
  return { ...common, routes, handler: outboundHttp(rules, about, routes.name, memo) };
}

function originsUsedBy(hookName: 'http' | 'tcp', rules: RulesByPolicy, memo: Memo): readonly Origin[] {
  const used = rulesUsedBy(hookName, rules, memo);
  return memo.once('outbound origins', [used], () => memo.sameContent(deepFreeze(used.flatMap(originsOf))));
}

/** One object for as long as the service looks the same; where it runs is no part of it. */
function destinationView(destination: ServiceDestination, { snapshot, mesh, memo }: OutboundContext): DestinationView {
  const protocol = protocolOf(snapshot, destination);
  return memo.once('destination view', [mesh, protocol, destinationKey(destination)], () =>
    Object.freeze({ ...mesh, destination: Object.freeze(destination), protocol }),
  );
}

function rulesByPolicy(destination: ServiceDestination, kinds: readonly (KindRules | undefined)[], memo: Memo): RulesByPolicy {
  return memo.intern(kinds.map((kind) => rulesForDestination(kind, destination, memo))) as readonly (
    | Effective<never>
    | undefined
  )[];
}

function protocolOf(snapshot: MeshSnapshot, { service }: ServiceDestination): Protocol {
  return snapshot.services.get(service)?.protocol ?? 'tcp';
}
