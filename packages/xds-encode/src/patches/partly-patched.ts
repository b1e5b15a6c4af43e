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
  return hasSamePlain(resource, taken) && patchingPolicies(taken).every((kri) => saysTheSame(kri, resource, taken));
}

/** Whether a version that a peer took differs from `resource` in what patches make of it alone. */
export function hasSamePlain(resource: EncodedResource, taken: EncodedResource): boolean {
  const { without, by } = taken.patched ?? {};
  // A patch may also have put another one in its place.
  if (without && !by) return false;
  return resource.patched?.without?.version === (without ?? taken).version;
}

/** KRIs of policies that patch a resource otherwise than in the version that a peer took, or did not there. */
export function newsOf(resource: EncodedResource, taken: EncodedResource): readonly string[] {
  const had = new Set(patchingPolicies(taken));
  return patchingPolicies(resource).filter((kri) => !had.has(kri) || !saysTheSame(kri, resource, taken));
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
 * What a peer took, with the patches of more policies as they are now: of half of the suspects, or of all others. Policies
 * that say something else now and are not among these keep what they said then; those that are gone are left out.
 * @returns undefined where there is nothing more to try
 */
export function withMorePolicies(
  resource: EncodedResource,
  taken: EncodedResource,
  { blamed, suspects }: Suspicion,
): EncodedResource | undefined {
  const done = new Set(blamed);
  for (;;) {
    const left = newsOf(resource, taken).filter((kri) => !done.has(kri));
    const suspected = left.filter((kri) => suspects.has(kri));
    const tried = suspected.length > 0 ? suspected.slice(0, Math.ceil(suspected.length / 2)) : left;
    const more = withNewsOf(resource, taken, tried);
    // What one policy changes another may have made.
    if (more && more.version !== taken.version) return more;
    if (left.length === 0) return undefined;
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

/** What a peer took, with what some policies say now. */
function withNewsOf(resource: EncodedResource, taken: EncodedResource, news: readonly string[]): EncodedResource | undefined {
  const { by, without } = resource.patched ?? {};
  if (!by || !without) return undefined;
  const had = patchingPolicies(taken);
  const asNow = had.filter((kri) => saysTheSame(kri, resource, taken));
  const asThen = newsOf(resource, taken).filter((kri) => had.includes(kri) && !news.includes(kri));
  const changes = onlyOf(by.changes)([...new Set([...asNow, ...asThen, ...news])]);
  const then = taken.patched?.by?.changes;
  return patchedResource(without, by.madeFor, then && asThen.length > 0 ? mixedOf(changes)(then)(asThen) : changes);
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

/** A list of changes in which some policies say what they say in another one; the same for the same policies. */
const mixedOf = oncePerObject((now: readonly Change[]) =>
  oncePerObject((then: readonly Change[]) => {
    const made = new Map<string, readonly Change[]>();
    return (kris: readonly string[]): readonly Change[] => {
      const key = kris.toSorted().join('\n');
      const known = made.get(key) ?? mixed(now, then, new Set(kris));
      made.set(key, known);
      return known;
    };
  }),
);

/** What a policy says stands together, in the place of what it says instead. */
function mixed(now: readonly Change[], then: readonly Change[], kris: ReadonlySet<string>): readonly Change[] {
  const saidThen = Map.groupBy(then, ({ origin }) => origin.kri);
  return [...Map.groupBy(now, ({ origin }) => origin.kri)].flatMap(
    ([kri, its]) => (kris.has(kri) ? saidThen.get(kri) : undefined) ?? its,
  );
}

function saysTheSame(kri: string, one: EncodedResource, other: EncodedResource): boolean {
  return wordsIn(one)?.get(kri) === wordsIn(other)?.get(kri);
}

/** What each policy, by its KRI, says in a list of changes. */
const wordsByPolicy = oncePerObject((changes: readonly Change[]): ReadonlyMap<string, string> => {
  const byPolicy = Map.groupBy(changes, ({ origin }) => origin.kri);
  return new Map([...byPolicy].map(([kri, its]) => [kri, JSON.stringify(its.map(wordsOf))]));
});

function wordsIn({ patched }: EncodedResource): ReadonlyMap<string, string> | undefined {
  return patched?.by && wordsByPolicy(patched.by.changes);
}
