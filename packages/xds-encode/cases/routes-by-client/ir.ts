import type { ProxyIr, RouteConfigIr, RouteIr } from '@kuma-mesh/core-model/ir/index.ts';
import { ir as http } from '../inbound-strict-http/ir.ts';

export const ir: ProxyIr = { ...http, routes: http.routes.map(byClient) };

function byClient(config: RouteConfigIr): RouteConfigIr {
  const [all] = config.routes;
  if (all?.action.kind !== 'forward') throw new Error('the case needs a route to the application');
  const { action } = all;
  const route = (value: string, match: 'exact' | 'prefix', timeouts: typeof action.timeouts): RouteIr => ({
    ...all,
    name: `/ for ${value}`,
    match: { ...all.match, client: { kind: 'spiffeId', match, value } },
    action: { ...action, timeouts },
  });
  const web = route('spiffe://default/web.eu', 'exact', { request: 2_000, streamIdle: 30_000 });
  const jobs = route('spiffe://default/job-', 'prefix', { request: 600_000 });
  return { ...config, routes: [web, jobs, all] };
}
