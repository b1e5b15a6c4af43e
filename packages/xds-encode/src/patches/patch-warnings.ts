import type { MeshProxyPatch, MeshProxyPatch_ClusterMod } from '@kuma-mesh/core-model/generated/types/kuma/mesh_proxy_patch.ts';
import { nearest } from '@kuma-mesh/core-model/resources/nearest.ts';
import { allSystemNames } from '../bootstrap/system-names.ts';
import { partsOf, readValue } from './change.ts';
import { origins } from './made-for.ts';

/** What of a valid MeshProxyPatch can never have an effect, whatever proxies it selects. */
export function patchWarnings({ default: conf }: MeshProxyPatch): string[] {
  return (conf?.appendModifications ?? []).flatMap((modification, index) => {
    const at = `spec.default.appendModifications[${index}]`;
    return [
      ...partsOf.flatMap((part) => originWarnings(`${at}.${part}.match.origin`, modification[part]?.match?.origin)),
      ...staticWarnings(`${at}.cluster.value`, modification.cluster),
    ];
  });
}

function originWarnings(field: string, origin: string | undefined): string[] {
  if (!origin || origins.has(origin)) return [];
  const guess = nearest(origin, [...origins]);
  return [
    `field '${field}' matches nothing: no resource is made for ${JSON.stringify(origin)}${guess ? `; did you mean ${guess}?` : ''}`,
  ];
}

/** Envoy says nothing about a cluster with the name of one of its bootstrap, and keeps that. */
function staticWarnings(field: string, { operation, value = '' }: MeshProxyPatch_ClusterMod = {}): string[] {
  if (operation !== 'Add' || ![...allSystemNames].some((name) => value.includes(name))) return [];
  const { name } = readValue(value);
  if (!allSystemNames.has(String(name))) return [];
  return [`field '${field}' has no effect where the proxy's bootstrap has a cluster ${name}: that one stays`];
}
