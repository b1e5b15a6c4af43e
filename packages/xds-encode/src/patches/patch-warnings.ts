import type { MeshProxyPatch } from '@kuma-mesh/core-model/generated/types/kuma/mesh_proxy_patch.ts';
import { nearest } from '@kuma-mesh/core-model/resources/nearest.ts';
import { partsOf } from './change.ts';
import { origins } from './made-for.ts';

/** What of a valid MeshProxyPatch can never have an effect: it is about what is made for something that nothing is made for. */
export function patchWarnings({ default: conf }: MeshProxyPatch): string[] {
  return (conf?.appendModifications ?? []).flatMap((modification, index) =>
    partsOf.flatMap((part) => {
      const origin = modification[part]?.match?.origin;
      if (!origin || origins.has(origin)) return [];
      const guess = nearest(origin, [...origins]);
      const field = `spec.default.appendModifications[${index}].${part}.match.origin`;
      return [
        `field '${field}' matches nothing: no resource is made for ${JSON.stringify(origin)}${guess ? `; did you mean ${guess}?` : ''}`,
      ];
    }),
  );
}
