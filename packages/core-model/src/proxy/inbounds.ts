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
  type ProxyNames,
  type RouteConfigIr,
  spiffeId,
} from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import type { InboundView, MeshView } from '../policies/policy.ts';
import { deepFreeze } from '../resources/freeze.ts';
import type { Resource } from '../resources/resource.ts';
import type { ProxyRules } from '../rules/proxy-rules.ts';
import {
  type Applied,
  applicationCluster,
  httpHandler,
  inboundRoutes,
  inboundTls,
  originsOfItems,
  rulesUsedBy,
  tcpHandler,
} from './inbound-pieces.ts';
import { inboundRulesByPolicy } from './rules-by-policy.ts';

export interface InboundParts {
  readonly listeners: readonly InboundListenerIr[];
  readonly routes: readonly RouteConfigIr[];
  readonly clusters: readonly ClusterIr[];
}

export interface InboundContext {
  readonly rules: ProxyRules;
  readonly mesh: MeshView;
  readonly names: ProxyNames;
  readonly memo: Memo;
}

/** Takes other proxies' traffic for the ports of the own service. */
export function inboundParts(dataplane: Resource<Dataplane>, context: InboundContext): InboundParts {
  const listeners = new Map<string, InboundListenerIr>();
  const routes = new Map<string, RouteConfigIr>();
  const clusters = new Map<string, ClusterIr>();
  const isGateway = dataplane.spec.networking?.gateway !== undefined;
  for (const [index, inbound] of isGateway ? [] : inboundsOf(dataplane).entries()) {
    const port = portName(dataplane, inbound);
    if (listeners.has(context.names.inboundListener(port))) continue;
    const made = inboundPart({ inbound, index, port, taken: { routes, clusters } }, context);
    listeners.set(made.listener.name, made.listener);
    clusters.set(made.cluster.name, made.cluster);
    if (made.routes) routes.set(made.routes.name, made.routes);
  }
  const { memo } = context;
  return {
    listeners: memo.intern([...listeners.values()]),
    routes: memo.intern([...routes.values()]),
    clusters: memo.intern([...clusters.values()]),
  };
}

interface InboundPort {
  readonly inbound: Dataplane_Inbound;
  readonly index: number;
  readonly port: InboundPortName;
  /** What earlier inbounds of the proxy have: two may serve the same service, or the same application port. */
  readonly taken: { readonly routes: ReadonlyMap<string, RouteConfigIr>; readonly clusters: ReadonlyMap<string, ClusterIr> };
}

function inboundPart({ inbound, index, port, taken }: InboundPort, { rules, mesh, names, memo }: InboundContext) {
  const protocol = inboundProtocol(inbound);
  const about = memo.once<InboundView>('inbound view', [mesh, port.service, protocol], () =>
    Object.freeze({ ...mesh, service: port.service, protocol }),
  );
  const byPolicy = inboundRulesByPolicy(rules, index, memo);
  const applied: Applied = { about, byPolicy, memo };

  const address = { address: inbound.serviceAddress || '127.0.0.1', port: port.servicePort };
  const clusterNamed = (name: string) =>
    applicationCluster({ name, altStatName: names.inboundClusterStat(port), address }, applied);
  const plain = clusterNamed(names.inboundCluster(port));
  const sameApplication = (taken.clusters.get(plain.name) ?? plain) === plain;
  const cluster = sameApplication ? plain : clusterNamed(hostPort(address.address, address.port));

  const statPrefix = names.inboundClusterStat(port) ?? cluster.name;
  const tls = inboundTls(downstreamTls(mesh, names, memo), applied);
  const listener = {
    kind: 'inbound',
    name: names.inboundListener(port),
    address: { address: port.address, port: port.port },
  } as const;
  const tags = inbound.tags ?? {};
  if (!isHttp(protocol)) {
    const handler = tcpHandler({ statPrefix, cluster: cluster.name }, applied);
    return { cluster, routes: undefined, listener: inboundListener({ ...listener, tags, tls, handler, origins: [] }, applied) };
  }
  const routesNamed = (name: string) => inboundRoutes({ name, cluster: cluster.name }, applied);
  const usual = routesNamed(names.inboundRoutes(port));
  const sameRoutes = (taken.routes.get(usual.name) ?? usual) === usual;
  const routes = sameRoutes ? usual : routesNamed(`${usual.name}:${port.port}`);
  const handler = httpHandler({ statPrefix, routeConfig: routes.name }, applied);
  return { cluster, routes, listener: inboundListener({ ...listener, tags, tls, handler, origins: [] }, applied) };
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

/** The same object for as long as nothing of it changes, so that it is not encoded again. */
function inboundListener(listener: InboundListenerIr, applied: Applied): InboundListenerIr {
  const { handler, tls, name } = listener;
  const tags = Object.entries(listener.tags).sort().flat();
  const used = [...rulesUsedBy(handler.kind, applied), ...(tls.kind === 'none' ? [] : rulesUsedBy('tls', applied))];
  return applied.memo.once(
    'inbound listener',
    [applied.memo.intern(used), handler, tls, name, listener.address.address, listener.address.port, ...tags],
    () => deepFreeze({ ...listener, origins: used.flatMap((rules) => (rules ? originsOfItems(rules) : [])) }),
  );
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
