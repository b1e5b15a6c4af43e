import type { MeshTimeout_Conf } from '../../generated/types/kuma/mesh_timeout.ts';
import type { ClusterIr, HttpHandlerIr, RouteConfigIr, RouteIr, TcpHandlerIr } from '../../ir/index.ts';
import type { InboundRules } from '../../rules/proxy-rules.ts';
import { confsByClient, routesByClient } from '../by-client.ts';
import { defined, milliseconds } from '../conf-values.ts';
import type { MeshView, Policy } from '../policy.ts';
import { useless } from './useless.ts';

/** How long connections and requests may take. Without a policy, the encoder's defaults hold. */
export const meshTimeout: Policy<MeshTimeout_Conf> = {
  kind: 'MeshTimeout',
  inbound: {
    cluster: (cluster, { merged }) => (merged ? clusterTimeouts(cluster, merged.conf) : cluster),
    tcp: (handler, { merged }) => (merged ? tcpTimeouts(handler, merged.conf) : handler),
    http: (handler, { merged }) => (merged ? inboundHttpTimeouts(handler, merged.conf) : handler),
    routes: inboundRoutes,
  },
  outbound: {
    cluster: (cluster, conf) => clusterTimeouts(cluster, conf),
    tcp: (handler, conf) => tcpTimeouts(handler, conf),
    http: (handler, conf) => httpTimeouts(handler, conf),
    route: (route, conf) => routeTimeouts(route, conf),
  },
  useless,
};

/** The duration of streams is among them, as a route of Envoy's that has one has no request timeout any more. */
function clusterTimeouts(cluster: ClusterIr, conf: MeshTimeout_Conf): ClusterIr {
  const timeouts = defined({
    connect: milliseconds(conf.connectionTimeout),
    idle: milliseconds(conf.idleTimeout),
    maxStreamDuration: milliseconds(conf.http?.maxStreamDuration),
    maxConnectionDuration: milliseconds(conf.http?.maxConnectionDuration),
  });
  return { ...cluster, timeouts: { ...cluster.timeouts, ...timeouts } };
}

function tcpTimeouts(handler: TcpHandlerIr, conf: MeshTimeout_Conf): TcpHandlerIr {
  return { ...handler, ...defined({ idleTimeout: milliseconds(conf.idleTimeout) }) };
}

/**
 * An idle connection is ended by the side that opened it, which knows whether it is about to use it. So idleTimeout stands
 * at the cluster, and the listener keeps connections open.
 */
function httpTimeouts(handler: HttpHandlerIr, conf: MeshTimeout_Conf): HttpHandlerIr {
  const timeouts = defined({
    idle: conf.idleTimeout === undefined ? undefined : 0,
    requestHeaders: milliseconds(conf.http?.requestHeadersTimeout),
  });
  return { ...handler, timeouts: { ...handler.timeouts, ...timeouts } };
}

/** That of idle streams stands at the routes besides, which rule open connections at once. */
function inboundHttpTimeouts(handler: HttpHandlerIr, conf: MeshTimeout_Conf): HttpHandlerIr {
  const timeouts = defined({ streamIdle: milliseconds(conf.http?.streamIdleTimeout) });
  const common = httpTimeouts(handler, conf);
  return { ...common, timeouts: { ...common.timeouts, ...timeouts } };
}

function inboundRoutes(config: RouteConfigIr, rules: InboundRules<MeshTimeout_Conf>, about: MeshView): RouteConfigIr {
  const { merged } = rules;
  const byClient = confsByClient(rules, about);
  if (merged === undefined && byClient.length === 0) return config;
  const routes = merged ? config.routes.map((route) => routeTimeouts(route, merged.conf)) : config.routes;
  return { ...config, routes: routesByClient(routes, byClient, routeTimeouts) };
}

function routeTimeouts(route: RouteIr, { http = {} }: MeshTimeout_Conf): RouteIr {
  const timeouts = defined({
    request: milliseconds(http.requestTimeout),
    streamIdle: milliseconds(http.streamIdleTimeout),
  });
  return withTimeouts(route, timeouts);
}

type RouteTimeouts = Extract<RouteIr['action'], { kind: 'forward' }>['timeouts'];

function withTimeouts(route: RouteIr, timeouts: RouteTimeouts): RouteIr {
  const { action } = route;
  if (action.kind !== 'forward') return route;
  return { ...route, action: { ...action, timeouts: { ...action.timeouts, ...timeouts } } };
}
