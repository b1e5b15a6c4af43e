import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { KindDescriptor } from '@kuma-mesh/core-model/resources/kind.ts';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import type { FastifyRequest } from 'fastify';
import { filterDataplanes } from './dataplane-filter.ts';
import { filterList } from './list-page.ts';
import { type ListQuery, parseDataplaneQuery, parseListQuery } from './list-query.ts';
import { type ResourceReader, requireMesh } from './resource-reader.ts';
import { queryOf } from './routes.ts';

export interface Matches {
  readonly query: ListQuery;
  /** On all pages. */
  readonly matches: readonly Resource[];
}

/**
 * The resources of a kind that a list request is about: those of the mesh in its path, if there is one, that pass its filters.
 * @throws ApiError for parameters that are wrong, or a mesh that is not there
 */
export async function listMatches(kind: KindDescriptor, request: FastifyRequest, reader: ResourceReader): Promise<Matches> {
  const query = parseListQuery(queryOf(request));
  const dataplaneQuery = kind.name === 'Dataplane' ? parseDataplaneQuery(queryOf(request)) : undefined;
  // An empty one, as of a variable that nobody set, is none that is there, and not all of them.
  const { mesh } = request.params as { readonly mesh?: string };
  if (mesh !== undefined) await requireMesh(reader, mesh);
  const matches = filterList(await reader.list(kind, mesh), query);
  return {
    query,
    matches: dataplaneQuery ? filterDataplanes(matches as readonly Resource<Dataplane>[], dataplaneQuery) : matches,
  };
}
