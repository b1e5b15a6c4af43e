import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import type { DataplaneQuery } from './list-query.ts';

/** The dataplanes that the query asks for. */
export function filterDataplanes(
  dataplanes: readonly Resource<Dataplane>[],
  { gateway, tags }: DataplaneQuery,
): readonly Resource<Dataplane>[] {
  if (gateway === undefined && tags.length === 0) return dataplanes;
  return dataplanes.filter(({ spec }) => isGateway(spec, gateway) && tags.every(([key, value]) => hasTag(spec, key, value)));
}

function isGateway({ networking }: Dataplane, wanted: DataplaneQuery['gateway']): boolean {
  const type = networking?.gateway && (networking.gateway.type ?? 'DELEGATED');
  switch (wanted) {
    case undefined:
      return true;
    case 'true':
      return type !== undefined;
    case 'false':
      return type === undefined;
    case 'builtin':
      return type === 'BUILTIN';
    case 'delegated':
      return type === 'DELEGATED';
  }
}

function hasTag({ networking }: Dataplane, key: string, value: string): boolean {
  const tagSets = [networking?.gateway?.tags, ...(networking?.inbound ?? []).map(({ tags }) => tags)];
  return tagSets.some((tags) => tags?.[key] !== undefined && (value === '*' || tags[key].includes(value)));
}
