import { calledService, outboundsOf, tagSetsOf } from '../dataplane/parts.ts';
import { senderTags } from '../dataplane/sender-tags.ts';
import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import type { ClusterIr, OutboundListenerIr, PieceOrigins, RouteConfigIr } from '../ir/index.ts';
import { byIdentity } from '../memo/by-identity.ts';
import type { DestinationView } from '../policies/policy.ts';
import { deepFreeze } from '../resources/freeze.ts';
import type { Resource } from '../resources/resource.ts';
import { outboundDestination } from '../rules/destination.ts';
import { itemsAbout } from '../rules/outbound-rules.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';
import { destinationOrigins, destinationPieces, looksAs, type OutboundContext } from './destination-pieces.ts';
import { spreads } from './outbound-pieces.ts';

export interface OutboundParts {
  readonly listeners: readonly OutboundListenerIr[];
  readonly routes: readonly RouteConfigIr[];
  readonly clusters: readonly ClusterIr[];
  /** Where it was asked for. */
  readonly origins: readonly PieceOrigins[];
}

/** Takes the own service's traffic for what it calls. The same object for proxies that call the same, such as all instances of a service. */
export function outboundParts(dataplane: Resource<Dataplane>, context: OutboundContext): OutboundParts {
  const { snapshot, mesh, names, memo } = context;
  // A certificate says it better, and leaves routes alike for all senders.
  const sender = mesh.tls === 'off' ? senderTags(tagSetsOf(dataplane)) : undefined;
  return memo.onceWhile<OutboundParts & Looks>(
    'outbounds',
    [rulesThatMatter(dataplane, context), mesh, names, sender, context.origins, outboundsKey(dataplane)],
    (made) => memo.once('looks the same', [made, snapshot.services, snapshot.tlsReadiness], () => looksTheSame(made, snapshot)),
    () => makeOutboundParts(dataplane, sender, context),
  );
}

/** One object for what makes the same outbounds. Where routes may lead elsewhere, what is said of anything matters. */
function rulesThatMatter(dataplane: Resource<Dataplane>, { kinds, memo }: OutboundContext): readonly unknown[] {
  const routed = kinds.some((kind, i) => spreads[i] && kind !== undefined && kind.to.length > 0);
  if (routed) return memo.intern(kinds.map((kind) => kind?.to));
  const services = calledServices(dataplane);
  return memo.intern(kinds.map((kind) => kind && itemsAbout(kind.to, services, outboundsKey(dataplane), memo)));
}

const calledServices: (dataplane: Resource<Dataplane>) => readonly string[] = byIdentity((dataplane) => [
  ...new Set(outboundsOf(dataplane).flatMap((outbound) => calledService(outbound) ?? [])),
]);

function makeOutboundParts(
  dataplane: Resource<Dataplane>,
  sender: string | undefined,
  context: OutboundContext,
): OutboundParts & Looks {
  const { names, memo } = context;
  const listeners = new Map<string, OutboundListenerIr>();
  const routes = new Map<string, RouteConfigIr>();
  const clusters = new Map<string, ClusterIr>();
  const origins: PieceOrigins[] = [];
  const views = new Set<DestinationView>();
  for (const outbound of outboundsOf(dataplane)) {
    const destination = outboundDestination(outbound);
    if (destination === undefined || outbound.port === undefined) continue;
    const address = { address: outbound.address || '127.0.0.1', port: outbound.port };
    const made = destinationPieces(destination, sender, context);
    const name = names.outboundListener(address.address, address.port, made.name);
    if (listeners.has(name)) continue;
    for (const cluster of made.clusters) clusters.set(cluster.name, cluster);
    if (made.routes) routes.set(made.routes.name, made.routes);
    for (const view of made.views) views.add(view);
    const { handler, tags } = made;
    const listener = memo.once<OutboundListenerIr>('outbound listener', [handler, tags, name, ...Object.values(address)], () =>
      deepFreeze({ kind: 'outbound', name, address, tags, handler }),
    );
    listeners.set(name, listener);
    if (context.origins) origins.push(...destinationOrigins(destination, made, name, context));
  }
  return {
    listeners: memo.intern([...listeners.values()]),
    routes: memo.intern([...routes.values()]),
    clusters: memo.intern([...clusters.values()]),
    origins: Object.freeze(origins),
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
  return views.every((view) => looksAs(view, snapshot));
}
