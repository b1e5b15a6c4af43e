import type { MeshHTTPRoute_To } from '../generated/types/kuma/mesh_http_route.ts';
import { fieldPath } from '../resources/field-path.ts';
import type { PolicySpec } from '../target-ref/policy-spec.ts';

/** A request CONNECT has no path, and proxies route by paths alone: they answer it with 404. */
export function unroutableMethods({ to = [] }: PolicySpec): string[] {
  const rules = to.flatMap((item, i) =>
    ((item as MeshHTTPRoute_To).rules ?? []).map((rule, j) => ({ ...rule, at: ['spec', 'to', i, 'rules', j] })),
  );
  return rules
    .flatMap(({ matches = [], at }) =>
      matches.map(({ method }, k) => ({ method, field: fieldPath(...at, 'matches', k, 'method') })),
    )
    .filter(({ method }) => method === 'CONNECT')
    .map(({ field }) => `field '${field}' matches nothing: proxies answer CONNECT with 404`);
}
