import type { MeshRateLimit_Conf as Conf } from '../../generated/types/kuma/mesh_rate_limit.ts';
import type { NetworkFilterIr, RouteIr } from '../../ir/index.ts';
import type { Effective } from '../../rules/effective.ts';
import { confsByClient, routesByClient } from '../by-client.ts';
import type { Policy } from '../policy.ts';
import { rate, requestLimit } from './limits.ts';
import { useless } from './useless.ts';

/**
 * How much a proxy lets through to its own service. The limit of requests stands at the routes, which Envoy exchanges under
 * open connections; that of connections at the listener, whose open connections leave when it changes.
 */
export const meshRateLimit: Policy<never, Conf> = {
  kind: 'MeshRateLimit',
  inbound: {
    httpFilters: () => [{ kind: 'request-limit' }],
    routes: (config, rules, about) => {
      const limit = requestLimit(rules.merged?.conf.local?.http);
      const limited = limit ? { ...config, requestLimit: limit } : config;
      const byClient = confsByClient(rules, about);
      return byClient.length === 0 ? limited : { ...limited, routes: routesByClient(config.routes, byClient, limitedRoute) };
    },
    http: (handler, { merged }) => {
      const limit = connectionLimit(merged);
      return limit ? { ...handler, connectionFilters: [...(handler.connectionFilters ?? []), limit] } : handler;
    },
    tcp: (handler, { merged }) => {
      const limit = connectionLimit(merged);
      return limit ? { ...handler, filters: [...handler.filters, limit] } : handler;
    },
  },
  useless,
};

function limitedRoute(route: RouteIr, { local }: Conf): RouteIr {
  const limit = requestLimit(local?.http);
  return { ...route, requestLimit: limit ? { kind: 'limit', limit } : { kind: 'none' } };
}

function connectionLimit(merged: Effective<Conf> | undefined): NetworkFilterIr | undefined {
  const { disabled = false, connectionRate } = merged?.conf.local?.tcp ?? {};
  const allowed = disabled ? undefined : rate(connectionRate);
  return allowed && { kind: 'connection-limit', rate: allowed };
}
