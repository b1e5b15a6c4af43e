import type { MeshHTTPRoute_To } from '../generated/types/kuma/mesh_http_route.ts';
import { isHttp } from '../ir/protocol.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import type { Selecting } from '../target-ref/select-proxy.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';
import { selectedProxies } from './touched-proxies.ts';

/** Items of a MeshTCPRoute for a service of HTTP, where every proxy that it selects has a MeshHTTPRoute for it: that one counts. */
export function routesOfConnections(snapshot: MeshSnapshot, policy: Selecting): string[] {
  return (policy.spec.to ?? []).flatMap(({ targetRef }, i) => {
    const service = targetRef?.kind === 'MeshService' && targetRef.name ? snapshot.services.get(targetRef.name) : undefined;
    if (service === undefined || !isHttp(service.protocol)) return [];
    const routes = (snapshot.policies.get('MeshHTTPRoute') ?? []).filter((route) => isFor(route, service.name));
    const routed = new Set(routes.flatMap((route) => [...selectedProxies(snapshot, route)]));
    const selected = routed.size > 0 ? [...selectedProxies(snapshot, policy)] : [];
    if (selected.length === 0 || !selected.every((name) => routed.has(name))) return [];
    const names = routes.map(({ name }) => `"${name}"`).join(', ');
    const why = `MeshService "${service.name}" speaks ${service.protocol} now, and MeshHTTPRoute ${names} counts for it`;
    return [`field 'spec.to[${i}]' has no effect: ${why}`];
  });
}

function isFor({ spec }: PolicyResource, service: string): boolean {
  return (spec.to ?? []).some(
    ({ targetRef, ...item }) =>
      targetRef?.kind === 'MeshService' && targetRef.name === service && ((item as MeshHTTPRoute_To).rules ?? []).length > 0,
  );
}
