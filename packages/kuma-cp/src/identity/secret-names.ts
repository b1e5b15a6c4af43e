import type { ResourceDraft, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';

/** Where a `builtin` backend keeps its certificate. */
export function certificateSecret(mesh: string, backend: string): ResourceKey {
  return { type: 'Secret', mesh, name: `${mesh}.ca-builtin-cert-${backend}` };
}

/** Where a `builtin` backend keeps its private key. */
export function keySecret(mesh: string, backend: string): ResourceKey {
  return { type: 'Secret', mesh, name: `${mesh}.ca-builtin-key-${backend}` };
}

export function secretDraft(key: ResourceKey, text: string): ResourceDraft {
  return { ...key, labels: {}, spec: { data: Buffer.from(text).toString('base64') } };
}

export function secretText(resource: { readonly spec: unknown } | undefined): string | undefined {
  const data = (resource?.spec as { readonly data?: unknown } | undefined)?.data;
  return typeof data === 'string' ? Buffer.from(data, 'base64').toString() : undefined;
}
