import { inboundProtocol, inboundsOf } from '../dataplane/parts.ts';
import { wellKnown } from '../dataplane/tags.ts';
import type { Dataplane, Dataplane_Inbound } from '../generated/types/kuma/dataplane.ts';
import {
  type ClusterIr,
  type DownstreamTlsIr,
  hostPort,
  type InboundListenerIr,
  type InboundPortName,
  isHttp,
  type PieceOrigins,
  type ProxyNames,
  type RouteConfigIr,
  type SocketAddress,
  spiffeId,
} from '../ir/index.ts';
import { byIdentity } from '../memo/by-identity.ts';
import type { Memo } from '../memo/memo.ts';
import type { InboundView, MeshView } from '../policies/policy.ts';
import { deepFreeze } from '../resources/freeze.ts';
import type { Resource } from '../resources/resource.ts';
import { pieceOrigins } from '../rules/effective.ts';
import type { ProxyRules } from '../rules/proxy-rules.ts';
import {
  type Applied,
  applicationCluster,
  httpHandler,
  inboundRoutes,
  inboundTls,
  originsOfShaped,
  tcpHandler,
} from './inbound-pieces.ts';
import { inboundRulesByPolicy } from './rules-by-policy.ts';
import type { Shaped } from './shaped.ts';

export interface InboundParts {
  readonly listeners: readonly InboundListenerIr[];
  readonly routes: readonly RouteConfigIr[];
  readonly clusters: readonly ClusterIr[];
  /** Where it was asked for. */
  readonly origins: readonly PieceOrigins[];
}

export interface InboundContext {
  readonly rules: ProxyRules;
  readonly mesh: MeshView;
  readonly names: ProxyNames;
  /** Whether to say who shaped the pieces. */
  readonly origins: boolean;
  readonly memo: Memo;
}

/** Takes other proxies' traffic for the ports of the own service. */
export function inboundParts(dataplane: Resource<Dataplane>, context: InboundContext): InboundParts {
  const listeners = new Map<string, InboundListenerIr>();
  const routes = new Map<string, RouteConfigIr>();
  const clusters = new Map<string, ClusterIr>();
  const origins: PieceOrigins[] = [];
  const isGateway = dataplane.spec.networking?.gateway !== undefined;
  for (const [index, inbound] of isGateway ? [] : inboundsOf(dataplane).entries()) {
    const port = portName(dataplane, inbound);
    if (listeners.has(context.names.inboundListener(port))) continue;
    const made = inboundPart({ inbound, index, port, taken: { routes, clusters } }, context);
    listeners.set(made.listener.name, made.listener);
    clusters.set(made.cluster.name, made.cluster);
    if (made.routes) routes.set(made.routes.name, made.routes);
    if (context.origins) origins.push(...made.shapedBy(made.listener.name));
  }
  const { memo } = context;
  return {
    listeners: memo.intern([...listeners.values()]),
    routes: memo.intern([...routes.values()]),
    clusters: memo.intern([...clusters.values()]),
    origins: Object.freeze(origins),
  };
}

interface InboundPort {
  readonly inbound: Dataplane_Inbound;
  readonly index: number;
  readonly port: InboundPortName;
  /** What earlier inbounds of the proxy have: two may serve the same service, or the same application port. */
  readonly taken: { readonly routes: ReadonlyMap<string, RouteConfigIr>; readonly clusters: ReadonlyMap<string, ClusterIr> };
}

function inboundPart({ inbound, index, port, taken }: InboundPort, context: InboundContext) {
  const { rules, mesh, names, memo } = context;
  const byPolicy = inboundRulesByPolicy(rules, index, memo);
  const alike = (apart: Apart) =>
    memo.once<AlikeInbound>('inbound', [byPolicy, mesh, names, inboundKey(inbound), apart.cluster, apart.routes], () =>
      makeAlikeInbound({ inbound, port, apart }, byPolicy, context),
    );
  const isFree = (cluster: Apart['cluster']) => !isTaken(taken.clusters, alike({ cluster, routes: false }).cluster);
  const ofCluster = apartBy.find(isFree) ?? 'port';
  const named = alike({ cluster: ofCluster, routes: false });
  // Routes name their cluster: only now is it known whether they are those of another inbound.
  const ofRoutes = named.routes !== undefined && isTaken(taken.routes, named.routes);
  const made = ofRoutes ? alike({ cluster: ofCluster, routes: true }) : named;
  const { cluster, routes, inside, shapedBy } = made;
  const name = names.inboundListener(port);
  const listener = memo.once<InboundListenerIr>('inbound listener', [inside, name, port.address, port.port], () =>
    deepFreeze({ kind: 'inbound', name, address: { address: port.address, port: port.port }, ...inside }),
  );
  return { cluster, routes, listener, shapedBy };
}

/** By another piece of the same name. */
function isTaken<Piece extends { readonly name: string }>(taken: ReadonlyMap<string, Piece>, piece: Piece): boolean {
  return (taken.get(piece.name) ?? piece) !== piece;
}

/** What names a cluster apart from those of other inbounds that lead to the same port of the application, in the order tried. */
const apartBy = ['nothing', 'address', 'port'] as const;

/** What of an inbound gets a name of its own, for the usual one is taken. */
interface Apart {
  readonly cluster: (typeof apartBy)[number];
  readonly routes: boolean;
}

/** All of an inbound but the address at which it is reached: instances of a service have it in common. */
interface AlikeInbound {
  readonly cluster: ClusterIr;
  readonly routes: RouteConfigIr | undefined;
  readonly inside: Omit<InboundListenerIr, 'kind' | 'name' | 'address'>;
  /** Who shaped the pieces, what is inside of the listener among them; worked out when it is asked. */
  readonly shapedBy: (listener: string) => readonly PieceOrigins[];
}

/** What an inbound says beside the address at which it is reached, as text. */
const inboundKey: (inbound: Dataplane_Inbound) => string = byIdentity(({ address: _, ...inbound }) => JSON.stringify(inbound));

function makeAlikeInbound(
  { inbound, port, apart }: Pick<InboundPort, 'inbound' | 'port'> & { readonly apart: Apart },
  byPolicy: Applied['byPolicy'],
  { mesh, names, memo }: InboundContext,
): AlikeInbound {
  const protocol = inboundProtocol(inbound);
  const about = memo.once<InboundView>('inbound view', [mesh, port.service, protocol], () =>
    Object.freeze({ ...mesh, service: port.service, protocol }),
  );
  const applied: Applied = { about, byPolicy, memo };
  const address = { address: inbound.serviceAddress || '127.0.0.1', port: port.servicePort };
  const cluster = applicationCluster(
    {
      name: clusterNames(names.inboundCluster(port), address, port.port)[apart.cluster],
      altStatName: names.inboundClusterStat(port),
      address,
    },
    applied,
  );
  const statPrefix = names.inboundClusterStat(port) ?? cluster.piece.name;
  const tls = inboundTls(downstreamTls(mesh, names, memo), applied);
  const tags = inbound.tags ?? {};
  const parts = (handler: Shaped<InboundListenerIr['handler']>, routes?: Shaped<RouteConfigIr>): AlikeInbound => ({
    cluster: cluster.piece,
    routes: routes?.piece,
    inside: insideOf({ tags, tls: tls.piece, handler: handler.piece }, memo),
    shapedBy: (listener) => [
      ...pieceOrigins('cluster', cluster.piece.name, originsOfShaped(cluster, applied)),
      ...(routes ? pieceOrigins('routes', routes.piece.name, originsOfShaped(routes, applied)) : []),
      ...pieceOrigins(
        'listener',
        listener,
        [handler, tls].flatMap((piece) => originsOfShaped(piece, applied)),
      ),
    ],
  });
  if (!isHttp(protocol)) return parts(tcpHandler({ statPrefix, cluster: cluster.piece.name }, applied));
  const routesName = `${names.inboundRoutes(port)}${apart.routes ? `:${port.port}` : ''}`;
  const host = names.inboundHost(port);
  const routes = inboundRoutes({ name: routesName, host, cluster: cluster.piece.name }, applied);
  return parts(httpHandler({ statPrefix, routeConfig: routesName }, applied), routes);
}

function clusterNames(usual: string, application: SocketAddress, port: number): Readonly<Record<Apart['cluster'], string>> {
  return { nothing: usual, address: hostPort(application.address, application.port), port: `${usual}:${port}` };
}

function portName(dataplane: Resource<Dataplane>, inbound: Dataplane_Inbound): InboundPortName {
  const port = inbound.port ?? 0;
  return {
    address: inbound.address || dataplane.spec.networking?.address || '',
    port,
    servicePort: inbound.servicePort || port,
    service: inbound.tags?.[wellKnown.service] ?? '',
    section: inbound.name || String(port),
  };
}

/** The same object for as long as nothing of it changes, so that no listener around it is encoded again. */
function insideOf(inside: AlikeInbound['inside'], memo: Memo): AlikeInbound['inside'] {
  const { handler, tls } = inside;
  const tags = Object.entries(inside.tags).sort().flat();
  return memo.once('inside of an inbound', [handler, tls, ...tags], () => deepFreeze(inside));
}

function downstreamTls({ mesh, tls }: MeshView, names: ProxyNames, memo: Memo): DownstreamTlsIr {
  const identitySecret = names.identitySecret(mesh);
  return memo.once('downstream tls', [mesh, tls, identitySecret], () =>
    Object.freeze<DownstreamTlsIr>(
      tls === 'off'
        ? { kind: 'none' }
        : { kind: tls, identitySecret, caSecret: names.caSecret(mesh), clientSanPrefix: spiffeId(mesh, '') },
    ),
  );
}
