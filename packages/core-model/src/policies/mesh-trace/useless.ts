import type { MeshTrace_Conf as Conf } from '../../generated/types/kuma/mesh_trace.ts';
import { namesakes } from '../namesakes.ts';
import type { Useless } from '../policy.ts';

export function useless({ tags = [] }: Conf): readonly Useless[] {
  return namesakes(tags, 'name', ['tags'], 'first');
}
