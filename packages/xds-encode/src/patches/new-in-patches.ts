import type { Origin } from '@kuma-mesh/core-model/ir/index.ts';
import type { EncodedResource } from '../encoded.ts';
import type { Change } from './change.ts';

/**
 * Policies whose modifications of a resource are others than in the version that a peer took before. Where nothing but
 * patches has changed since, what is refused now is refused for one of them.
 * @returns undefined where that cannot be told
 */
export function newInPatches({ origins = [], patched }: EncodedResource, taken: EncodedResource): readonly Origin[] | undefined {
  const plainTaken = taken.patched ? taken.patched.without : taken;
  if (patched?.by === undefined || patched.without?.version !== plainTaken?.version) return undefined;
  const known = new Set(taken.patched?.by?.changes.map(wordsOf));
  const changed = new Set(patched.by.changes.filter((change) => !known.has(wordsOf(change))).map(({ origin }) => origin.kri));
  const named = origins.filter(({ kri }) => changed.has(kri));
  return named.length > 0 ? named : undefined;
}

/** What a modification says, for comparison. */
export function wordsOf({ part, operation, match, value, steps, origin }: Change): string {
  return JSON.stringify([origin.kri, part, operation, match, value, steps]);
}
