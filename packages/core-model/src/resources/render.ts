import { kriOf } from './kri.ts';
import { kindByName } from './registry.ts';
import type { Resource } from './resource.ts';

export interface JsonObject {
  readonly [key: string]: unknown;
}

/** A resource as the HTTP API shows it. */
export function renderResource(resource: Resource): JsonObject {
  const kri = kriOf(resource);
  const kind = kindByName(resource.type);
  return {
    type: resource.type,
    ...(resource.mesh !== '' && { mesh: resource.mesh }),
    name: resource.name,
    creationTime: resource.creationTime,
    modificationTime: resource.modificationTime,
    ...(Object.keys(resource.labels).length > 0 && { labels: resource.labels }),
    ...(kri !== '' && { kri }),
    ...(kind?.shape === 'Flat' ? (resource.spec as JsonObject) : { spec: resource.spec }),
    ...(resource.status !== undefined && { status: resource.status }),
  };
}

/** A resource as one would apply it to Kubernetes. */
export function renderKubernetes(resource: Resource): JsonObject {
  const namespace = resource.labels['k8s.kuma.io/namespace'] ?? 'kuma-system';
  const flat = kindByName(resource.type)?.shape === 'Flat';
  const clusterScoped = resource.mesh === '' && flat && resource.type !== 'GlobalSecret';
  const labels = { ...resource.labels, ...(resource.mesh !== '' && { 'kuma.io/mesh': resource.mesh }) };
  const metadata = {
    name: resource.name,
    ...(!clusterScoped && { namespace }),
    ...(Object.keys(labels).length > 0 && { labels }),
    creationTimestamp: resource.creationTime,
  };
  if (resource.type === 'Secret' || resource.type === 'GlobalSecret') {
    const { data } = resource.spec as { readonly data?: string };
    const type = resource.type === 'Secret' ? 'system.kuma.io/secret' : 'system.kuma.io/global-secret';
    return { apiVersion: 'v1', kind: 'Secret', metadata, type, data: { value: data ?? '' } };
  }
  return {
    apiVersion: 'kuma.io/v1alpha1',
    kind: resource.type,
    ...(flat && resource.mesh !== '' && { mesh: resource.mesh }),
    metadata,
    spec: resource.spec,
    ...(resource.status !== undefined && { status: resource.status }),
  };
}
