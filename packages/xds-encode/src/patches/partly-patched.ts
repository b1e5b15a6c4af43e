import type { EncodedResource } from '../encoded.ts';
import { oncePerObject } from '../resource.ts';
import type { Change } from './change.ts';
import { wordsOf } from './new-in-patches.ts';
import { patchedResource } from './patch-resource.ts';

/** KRIs of the policies whose patches changed a resource, in their order. */
export function patchingPolicies({ origins = [], patched }: EncodedResource): readonly string[] {
  const known = new Set(origins.map(({ kri }) => kri));
  return [...new Set(patched?.by?.changes.map(({ origin }) => origin.kri))].filter((kri) => known.has(kri));
}

/** Whether a version that a peer took is `resource` with none but some of its patches, as they are now. */
export function isPartOf(resource: EncodedResource, taken: EncodedResource): boolean {
  const { without, by } = taken.patched ?? {};
  // A patch may also have put another one in its place.
  if (without && !by) return false;
  if (resource.patched?.without?.version !== (without ?? taken).version) return false;
  const wordsNow = resource.patched?.by && wordsByPolicy(resource.patched.by.changes);
  const wordsThen = by && wordsByPolicy(by.changes);
  return patchingPolicies(taken).every((kri) => wordsNow?.get(kri) === wordsThen?.get(kri));
}

/** Each is put together anew. */
const mostTried = 20;

/** What has this version, if that is what a resource is without the patches of one policy. */
export function withoutOnePolicy(resource: EncodedResource, version: string): EncodedResource | undefined {
  for (const kri of patchingPolicies(resource).slice(0, mostTried)) {
    const part = withoutPolicies(resource, new Set([kri]));
    if (part?.version === version) return part;
  }
  return undefined;
}

/** Policies that are not to be tried again, and those of which one at least is at fault. */
interface Suspicion {
  readonly blamed: ReadonlySet<string>;
  readonly suspects: ReadonlySet<string>;
}

/**
 * A part of a resource, as {@link isPartOf} has it, with the patches of more policies: of half of the suspects, or of all others.
 * @returns undefined where none but `blamed` are left
 */
export function withMorePolicies(
  resource: EncodedResource,
  taken: EncodedResource,
  { blamed, suspects }: Suspicion,
): EncodedResource | undefined {
  const had = patchingPolicies(taken);
  const done = new Set([...had, ...blamed]);
  for (;;) {
    const left = patchingPolicies(resource).filter((kri) => !done.has(kri));
    if (left.length === 0) return undefined;
    const suspected = left.filter((kri) => suspects.has(kri));
    const tried = suspected.length > 0 ? suspected.slice(0, Math.ceil(suspected.length / 2)) : left;
    const more = withPoliciesOnly(resource, [...had, ...tried]);
    // What one policy changes another may have made.
    if (more && more.version !== taken.version) return more;
    for (const kri of tried) done.add(kri);
  }
}

/** What a resource is without the patches of some policies; undefined where these are not known, or it is taken away then. */
export function withoutPolicies(resource: EncodedResource, left: ReadonlySet<string>): EncodedResource | undefined {
  return withPoliciesOnly(
    resource,
    patchingPolicies(resource).filter((kri) => !left.has(kri)),
  );
}

function withPoliciesOnly({ patched }: EncodedResource, kris: readonly string[]): EncodedResource | undefined {
  const { by, without } = patched ?? {};
  return by && without && patchedResource(without, by.madeFor, onlyOf(by.changes)(kris));
}

/** The same list for the same policies, so that proxies alike get the same. */
const onlyOf = oncePerObject((changes: readonly Change[]) => {
  const made = new Map<string, readonly Change[]>();
  return (kris: readonly string[]): readonly Change[] => {
    const key = kris.toSorted().join('\n');
    const known = made.get(key) ?? changes.filter(({ origin }) => kris.includes(origin.kri));
    made.set(key, known);
    return known;
  };
});

/** What each policy, by its KRI, says in a list of changes. */
const wordsByPolicy = oncePerObject((changes: readonly Change[]): ReadonlyMap<string, string> => {
  const byPolicy = Map.groupBy(changes, ({ origin }) => origin.kri);
  return new Map([...byPolicy].map(([kri, its]) => [kri, JSON.stringify(its.map(wordsOf))]));
});
