import type { MeshPassthrough_Conf as Conf } from '../../generated/types/kuma/mesh_passthrough.ts';
import type { Useless } from '../policy.ts';

/** Where all passes, or nothing, no list is asked. */
export function useless({ passthroughMode, appendMatch = [] }: Conf): readonly Useless[] {
  if (appendMatch.length === 0 || passthroughMode === 'Matched') return [];
  return [{ path: ['appendMatch'], why: 'has no effect as long as passthroughMode is not Matched', lacks: true }];
}
