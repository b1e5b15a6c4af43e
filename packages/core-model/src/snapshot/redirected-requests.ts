import type { MeshHTTPRoute_To } from '../generated/types/kuma/mesh_http_route.ts';
import { fieldPath } from '../resources/field-path.ts';
import type { PolicySpec } from '../target-ref/policy-spec.ts';

const ofForwarding: ReadonlySet<unknown> = new Set(['RequestHeaderModifier', 'URLRewrite', 'RequestMirror']);

/** What is said of the way of requests that are answered with a redirect, and so go nowhere. */
export function redirectedRequests({ to = [] }: PolicySpec): string[] {
  const confs = to.flatMap((item, i) =>
    ((item as MeshHTTPRoute_To).rules ?? []).map((rule, j) => ({
      ...rule.default,
      at: ['spec', 'to', i, 'rules', j, 'default'],
    })),
  );
  return confs
    .filter(({ filters = [] }) => filters.some(({ type }) => type === 'RequestRedirect'))
    .flatMap(({ filters = [], backendRefs = [], at }) => [
      ...(backendRefs.length > 0 ? [[...at, 'backendRefs']] : []),
      ...filters.flatMap(({ type }, k) => (ofForwarding.has(type) ? [[...at, 'filters', k]] : [])),
    ])
    .map((path) => `field '${fieldPath(...path)}' has no effect: RequestRedirect answers the requests`);
}
