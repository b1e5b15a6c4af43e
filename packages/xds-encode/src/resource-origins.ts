import type { Origin, PieceOrigins, ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import { type EncodedResource, typeUrls } from './encoded.ts';

const pieces: Readonly<Record<string, PieceOrigins['piece']>> = {
  [typeUrls.cluster]: 'cluster',
  [typeUrls.listener]: 'listener',
  [typeUrls.route]: 'routes',
};

/**
 * Policies that shaped a resource; its rejection is reported against them.
 * @param ir made with `origins`
 */
export function originsOfResource(resource: EncodedResource, { origins = [] }: ProxyIr): readonly Origin[] {
  if (resource.origins !== undefined) return resource.origins;
  const piece = pieces[resource.typeUrl];
  return origins.flatMap((of) => (of.piece === piece && of.name === resource.name ? of.origins : []));
}
