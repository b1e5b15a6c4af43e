import type { MeshHTTPRoute_To } from '../generated/types/kuma/mesh_http_route.ts';
import { isHttp } from '../ir/protocol.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import { proxyTarget } from '../target-ref/proxy-target.ts';
import { type Selecting, selectProxy } from '../target-ref/select-proxy.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';
import { selectedProxies } from './touched-proxies.ts';

/** Items of a MeshTCPRoute for a service of HTTP, where every proxy that it selects has a MeshHTTPRoute for it: that one counts. */
export function routesOfConnections(snapshot: MeshSnapshot, policy: Selecting): string[] {
  return (policy.spec.to ?? []).flatMap(({ targetRef }, i) => {
    const service = targetRef?.kind === 'MeshService' && targetRef.name ? snapshot.services.get(targetRef.name) : undefined;
    if (service === undefined || !isHttp(service.protocol)) return [];
    const routes = (snapshot.policies.get('MeshHTTPRoute') ?? []).filter((route) => isFor(route, service.name));
    if (routes.length === 0 || !allRouted(snapshot, policy, routes)) return [];
    const names = routes.map(({ name }) => `"${name}"`).join(', ');
    const why = `MeshService "${service.name}" speaks ${service.protocol} now, and MeshHTTPRoute ${names} counts for it`;
    return [`field 'spec.to[${i}]' has no effect: ${why}`];
  });
}

/** Ends at the first proxy that has none of the routes. */
function allRouted(snapshot: MeshSnapshot, policy: Selecting, routes: readonly PolicyResource[]): boolean {
  let some = false;
  for (const name of selectedProxies(snapshot, policy)) {
    const proxy = proxyTarget(snapshot.dataplanes.get(name)!);
    if (routes.every((route) => selectProxy(route, proxy) === 'none')) return false;
    some = true;
  }
  return some;
}

function isFor({ spec }: PolicyResource, service: string): boolean {
  return (spec.to ?? []).some(
    ({ targetRef, ...item }) =>
      targetRef?.kind === 'MeshService' && targetRef.name === service && ((item as MeshHTTPRoute_To).rules ?? []).length > 0,
  );
}
