import type { KindDescriptor } from '@kuma-mesh/core-model/resources/kind.ts';
import { age } from './age.ts';

/** A resource as the control plane renders it. */
export interface ApiResource {
  readonly type: string;
  readonly name: string;
  readonly mesh?: string;
  readonly creationTime?: string;
  readonly modificationTime?: string;
  readonly [field: string]: unknown;
}

interface Column {
  readonly header: string;
  readonly cell: (resource: ApiResource) => string;
}

const name: Column = { header: 'NAME', cell: (resource) => resource.name };
const mesh: Column = { header: 'MESH', cell: (resource) => resource.mesh ?? '' };
const ageColumn: Column = { header: 'AGE', cell: (resource) => age(resource.creationTime) };

interface MeshFields {
  readonly mtls?: {
    readonly enabledBackend?: string;
    readonly backends?: readonly { readonly name: string; readonly type: string }[];
  };
  readonly routing?: { readonly localityAwareLoadBalancing?: boolean; readonly zoneEgress?: boolean };
}

function enabledMtls(resource: ApiResource): string {
  const { mtls } = resource as MeshFields;
  const backend = mtls?.backends?.find((each) => each.name === mtls.enabledBackend);
  return backend ? `${backend.type}/${backend.name}` : 'off';
}

const meshColumns: readonly Column[] = [
  name,
  { header: 'mTLS', cell: enabledMtls },
  { header: 'LOCALITY', cell: (resource) => ((resource as MeshFields).routing?.localityAwareLoadBalancing ? 'on' : 'off') },
  { header: 'ZONEEGRESS', cell: (resource) => ((resource as MeshFields).routing?.zoneEgress ? 'on' : 'off') },
  ageColumn,
];

interface DataplaneFields {
  readonly networking?: {
    readonly address?: string;
    readonly gateway?: { readonly tags?: Record<string, string> };
    readonly inbound?: readonly { readonly tags?: Record<string, string> }[];
  };
}

/** `key=value` of all tags, the values of one key joined. */
export function tagSummary(resource: Pick<ApiResource, keyof ApiResource>): string {
  const { networking } = resource as DataplaneFields;
  const values = new Map<string, Set<string>>();
  const sets = [networking?.gateway?.tags, ...(networking?.inbound ?? []).map((inbound) => inbound.tags)];
  for (const [key, value] of sets.flatMap((tags) => Object.entries(tags ?? {}))) {
    values.set(key, (values.get(key) ?? new Set()).add(value));
  }
  const keys = [...values.keys()].sort();
  return keys.map((key) => `${key}=${[...values.get(key)!].sort().join(',')}`).join(' ');
}

const dataplaneColumns: readonly Column[] = [
  mesh,
  name,
  { header: 'TAGS', cell: tagSummary },
  { header: 'ADDRESS', cell: (resource) => (resource as DataplaneFields).networking?.address ?? '' },
  ageColumn,
];

/** Columns of `get` for a kind. */
export function columnsOf(kind: Pick<KindDescriptor, 'name' | 'scope'>): readonly Column[] {
  if (kind.name === 'Mesh') return meshColumns;
  if (kind.name === 'Dataplane') return dataplaneColumns;
  return kind.scope === 'Mesh' ? [mesh, name, ageColumn] : [name, ageColumn];
}
