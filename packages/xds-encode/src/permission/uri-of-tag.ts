import { spiffeId, tagUri } from '@kuma-mesh/core-model/ir/index.ts';

/** The URI SAN that says a tag of a client: the service is the SPIFFE id, every other tag has a URI of its own. */
export function uriOfTag({ tag, value, mesh }: { readonly tag: string; readonly value: string; readonly mesh: string }): string {
  return tag === 'kuma.io/service' ? spiffeId(mesh, value) : tagUri(tag, value);
}
