import type { KindDescriptor } from '@kuma-mesh/core-model/resources/kind.ts';
import type { Resource, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { Insight, InsightStore, ResourceStore } from '../store/store.ts';
import { meshNotFound } from './api-error.ts';
import { insightPerService } from './service-insights.ts';

/** Reads resources of any kind; those that only the control plane writes stand apart in the store, as insights. */
export interface ResourceReader {
  get(key: ResourceKey, kind: KindDescriptor): Promise<Resource | undefined>;
  /** Sorted by mesh, then name; of all meshes when none is given. */
  list(kind: KindDescriptor, mesh?: string): Promise<readonly Resource[]>;
  mesh(name: string): Promise<Resource | undefined>;
}

/** Where what is seen of proxies, services and meshes is read. */
export type InsightReader = Pick<InsightStore, 'get' | 'list'>;

export function createResourceReader(store: ResourceStore, insights: InsightReader): ResourceReader {
  return {
    async get(key, kind) {
      if (!kind.readOnly) return store.get(key);
      if (kind.name === 'ServiceInsight') return (await this.list(kind, key.mesh)).find(({ name }) => name === key.name);
      const insight = await insights.get(key);
      return insight && asResource(insight);
    },
    async list({ name: type, readOnly }, mesh) {
      const query = mesh === undefined ? { type } : { type, mesh };
      if (!readOnly) return store.list(query);
      const seen = await insights.list(query);
      return (type === 'ServiceInsight' ? seen.flatMap(insightPerService) : seen).map(asResource);
    },
    mesh: (name) => store.get({ type: 'Mesh', mesh: '', name }),
  };
}

/** @throws ApiError 404 */
export async function requireMesh(reader: ResourceReader, name: string): Promise<Resource> {
  const mesh = await reader.mesh(name);
  if (!mesh) throw meshNotFound(name);
  return mesh;
}

/** What is observed has no revision: nobody writes it against a version that they have seen. */
function asResource(insight: Insight): Resource {
  return { ...insight, labels: {}, revision: 0 };
}
