import { type EncodedResource, encodeSecret } from '@kuma-mesh/xds-encode/index.ts';
import type { SecretMaterial } from './material.ts';

const encoded = new WeakMap<SecretMaterial, Map<string, EncodedResource>>();
const materials = new WeakMap<EncodedResource, SecretMaterial>();

/** The secret for a proxy; encoded once per material, so that a mesh's roots are one object for all its proxies. */
export function encodedSecret(name: string, material: SecretMaterial): EncodedResource {
  const byName = encoded.get(material) ?? new Map<string, EncodedResource>();
  encoded.set(material, byName);
  const known = byName.get(name);
  if (known !== undefined) return known;
  const resource = encodeSecret(name, material);
  byName.set(name, resource);
  materials.set(resource, material);
  return resource;
}

/** What a secret was encoded from. */
export function materialOf(resource: EncodedResource): SecretMaterial | undefined {
  return materials.get(resource);
}
