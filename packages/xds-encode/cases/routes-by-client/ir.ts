import type { ProxyIr, RequestLimitIr, RouteConfigIr, RouteIr } from '@kuma-mesh/core-model/ir/index.ts';
import { ir as http } from '../inbound-strict-http/ir.ts';

const [listener] = http.listeners;
if (listener?.kind !== 'inbound' || listener.handler.kind !== 'http') throw new Error('the case needs an HTTP inbound');
const { handler } = listener;

export const ir: ProxyIr = {
  ...http,
  listeners: [{ ...listener, handler: { ...handler, filters: [{ kind: 'request-limit' }, ...handler.filters] } }],
  routes: http.routes.map(byClient),
};

function limit(num: number): RequestLimitIr {
  return { rate: { num, interval: 10_000 }, status: 429, responseHeaders: { set: [], add: [] } };
}

function byClient(config: RouteConfigIr): RouteConfigIr {
  const [all] = config.routes;
  if (all?.action.kind !== 'forward') throw new Error('the case needs a route to the application');
  const { action } = all;
  const route = (value: string, match: 'exact' | 'prefix', timeouts: typeof action.timeouts): RouteIr => ({
    ...all,
    match: { ...all.match, client: { kind: 'spiffeId', match, value } },
    action: { ...action, timeouts },
  });
  const web = route('spiffe://default/web.eu', 'exact', { request: 2_000, streamIdle: 30_000 });
  const jobs = route('spiffe://default/job-', 'prefix', { request: 600_000 });
  const monitor = route('spiffe://default/monitor', 'exact', { request: 0 });
  return {
    ...config,
    routes: [
      { ...web, requestLimit: { kind: 'limit', limit: limit(100) } },
      { ...monitor, requestLimit: { kind: 'none' } },
      jobs,
      all,
    ],
    requestLimit: limit(5),
  };
}
