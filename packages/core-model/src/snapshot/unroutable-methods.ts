import type { MeshHTTPRoute_To } from '../generated/types/kuma/mesh_http_route.ts';
import { fieldPath } from '../resources/field-path.ts';
import type { PolicySpec } from '../target-ref/policy-spec.ts';

/** A request CONNECT has no path, and proxies route by paths alone: they answer it with 404. */
export function unroutableMethods({ to = [] }: PolicySpec): string[] {
  return to.flatMap((item, i) =>
    ((item as MeshHTTPRoute_To).rules ?? []).flatMap(({ matches = [] }, j) =>
      matches.flatMap(({ method }, k) =>
        method === 'CONNECT'
          ? [
              `field '${fieldPath('spec', 'to', i, 'rules', j, 'matches', k, 'method')}' matches nothing: proxies answer CONNECT with 404`,
            ]
          : [],
      ),
    ),
  );
}
