import type { EncodedResource } from '@kuma-mesh/xds-encode/encoded.ts';

/** What proxies of this control plane have refused, other than for the sake of their hosts. */
export type RefusedBefore = Pick<WeakSet<EncodedResource>, 'add' | 'has'>;

/**
 * What a proxy that has none of a resource is given first: where others refused its patches, it is without them. A refused
 * resource would be missing for as long as it takes to hear of that, and all that came with it: Envoy begins to listen once
 * it has its routes or has refused them.
 */
export function firstOf(resource: EncodedResource, refusedBefore: RefusedBefore): EncodedResource {
  const plain = resource.patched?.without;
  return plain && refusedBefore.has(resource) && !refusedBefore.has(plain) ? plain : resource;
}
