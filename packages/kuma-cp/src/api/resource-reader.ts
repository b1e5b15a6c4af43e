import type { KindDescriptor } from '@kuma-mesh/core-model/resources/kind.ts';
import type { Resource, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { Insight, ResourceStore } from '../store/store.ts';
import { notFound } from './api-error.ts';

/** Reads resources of any kind; those that only the control plane writes stand apart in the store, as insights. */
export interface ResourceReader {
  get(key: ResourceKey, kind: KindDescriptor): Promise<Resource | undefined>;
  /** Sorted by mesh, then name; of all meshes when none is given. */
  list(kind: KindDescriptor, mesh?: string): Promise<readonly Resource[]>;
  mesh(name: string): Promise<Resource | undefined>;
}

export function createResourceReader(store: ResourceStore): ResourceReader {
  return {
    async get(key, kind) {
      if (!kind.readOnly) return store.get(key);
      const insight = await store.insights.get(key);
      return insight && asResource(insight);
    },
    async list({ name: type, readOnly }, mesh) {
      const query = mesh === undefined ? { type } : { type, mesh };
      return readOnly ? (await store.insights.list(query)).map(asResource) : store.list(query);
    },
    mesh: (name) => store.get({ type: 'Mesh', mesh: '', name }),
  };
}

/** @throws ApiError 404 */
export async function requireMesh(reader: ResourceReader, name: string): Promise<Resource> {
  const mesh = await reader.mesh(name);
  if (!mesh) throw notFound('Failed to retrieve Mesh');
  return mesh;
}

/** What is observed has no revision: nobody writes it against a version that they have seen. */
function asResource(insight: Insight): Resource {
  return { ...insight, labels: {}, revision: 0 };
}
