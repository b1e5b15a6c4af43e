import type { BackendRef } from '../generated/types/kuma/target_ref.ts';
import type { Path } from '../resources/field-path.ts';
import type { Useless } from './policy.ts';

/** Backends of which none takes any traffic. */
export function idleBackends(refs: readonly BackendRef[], path: Path, consequence: string): readonly Useless[] {
  if (refs.length === 0 || refs.some(({ weight }) => weight !== 0)) return [];
  return [{ path, why: `leads nowhere, as every weight is 0: ${consequence}` }];
}
