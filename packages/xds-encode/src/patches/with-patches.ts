import type { ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { EncodedProxy, EncodedResource, UnappliedPatch } from '../encoded.ts';
import { oncePerObject } from '../resource.ts';
import { changesInVain } from './awaited.ts';
import { type Change, changesOf } from './change.ts';
import { unappliedPatch } from './changed-message.ts';
import { madeForByName } from './made-for.ts';
import { addedResource, concerned, type PatchedType, patchedResource } from './patch-resource.ts';

/**
 * The configuration as MeshProxyPatch changes it, last of all. What proxies with the same patches share is patched once.
 *
 *   policy's JSON ──change.ts──► changes ─┐
 *   resource's bytes ──schema──► JSON ────┴─► *-effect.ts, in order ──schema──► bytes
 */
export function withPatches(proxy: EncodedProxy, ir: ProxyIr): EncodedProxy {
  const { patches } = ir;
  if (patches === undefined || patches.length === 0) return proxy;
  return withoutVain(changesOf(patches), (changes) => applied(proxy, ir, changes));
}

/** What a change was in the place of may be in vain as well: they are looked at until nothing is. */
function withoutVain(changes: readonly Change[], apply: (changes: readonly Change[]) => EncodedProxy): EncodedProxy {
  const after = apply(changes);
  const vain = changesInVain(changes, (count) => (count === changes.length ? after : apply(changes.slice(0, count))));
  return vain.size === 0 ? after : withoutVain(leftOut(changes)(vain), apply);
}

/** The same list for the same changes, so that what proxies share stays shared. */
const leftOut = oncePerObject((changes: readonly Change[]) => {
  const made = new Map<string, readonly Change[]>();
  return (vain: ReadonlyMap<Change, string>): readonly Change[] => {
    const marked = changes.map((change) => (vain.has(change) ? { ...change, vain: vain.get(change) } : change));
    const key = JSON.stringify(marked.map((change) => change.vain ?? null));
    made.set(key, made.get(key) ?? marked);
    return made.get(key)!;
  };
});

function applied(proxy: EncodedProxy, { clusters, listeners, routes }: ProxyIr, changes: readonly Change[]): EncodedProxy {
  const patched = changesApplied(changes);
  const after = new Map(proxy);
  for (const [typeUrl, madeFor] of madeForByName({ clusters, listeners, routes })) {
    after.set(typeUrl, patched(typeUrl, proxy, madeFor));
  }
  return after;
}

type Resources = ReadonlyMap<string, EncodedResource>;

const changesApplied = oncePerObject((changes: readonly Change[]) => {
  const additions = oncePerType((typeUrl) => added(typeUrl, changes));
  return (typeUrl: PatchedType, proxy: EncodedProxy, madeFor: ReadonlyMap<string, string>): Resources => {
    const before = proxy.get(typeUrl) ?? new Map<string, EncodedResource>();
    if (!changes.some(({ part }) => concerned[typeUrl].includes(part))) return before;
    const { resources, failed } = additions(typeUrl);
    const kept = [...before.values()].flatMap(
      (resource) => patchedResource(resource, madeFor.get(resource.name) ?? '', changes) ?? [],
    );
    const placed = resources.map((resource) => inPlaceOf(before.get(resource.name), resource));
    const after = withFailed([...kept, ...placed], failed);
    return new Map(after.map((resource) => [resource.name, resource]));
  };
});

interface Additions {
  readonly resources: readonly EncodedResource[];
  readonly failed: readonly Failed[];
}

/** What could not be added. */
interface Failed {
  readonly name: string;
  readonly unapplied: UnappliedPatch;
}

function added(typeUrl: PatchedType, changes: readonly Change[]): Additions {
  const resources: EncodedResource[] = [];
  const failed: Failed[] = [];
  for (const [index, change] of changes.entries()) {
    if (change.operation !== 'Add' || change.part === 'virtualHost' || !concerned[typeUrl].includes(change.part)) continue;
    try {
      const resource = addedResource(typeUrl, change, changes.slice(index + 1));
      if (resource) resources.push(resource);
    } catch (error) {
      failed.push({ name: String(change.value?.name), unapplied: unappliedPatch(change, error) });
    }
  }
  return { resources, failed };
}

/** It is reported at what it was to be in place of, or, as it has no resource of its own, at the first one of the type. */
function withFailed(resources: readonly EncodedResource[], failed: readonly Failed[]): readonly EncodedResource[] {
  return failed.reduce((all, { name, unapplied }) => {
    const at = all.findIndex((resource) => resource.name === name);
    const place = all.at(Math.max(at, 0));
    if (place === undefined) return all;
    return all.with(Math.max(at, 0), {
      ...place,
      patched: { ...place.patched, unapplied: [...(place.patched?.unapplied ?? []), unapplied] },
    });
  }, resources);
}

function inPlaceOf(replaced: EncodedResource | undefined, resource: EncodedResource): EncodedResource {
  return replaced === undefined || replaced.unencodable !== undefined ? resource : replacing(resource)(replaced);
}

const replacing = oncePerObject((resource: EncodedResource) =>
  oncePerObject((without: EncodedResource): EncodedResource => {
    return Object.freeze({ ...resource, patched: { unapplied: resource.patched?.unapplied ?? [], without } });
  }),
);

function oncePerType<T>(make: (typeUrl: PatchedType) => T): (typeUrl: PatchedType) => T {
  const made = new Map<PatchedType, T>();
  return (typeUrl) => {
    const value = made.get(typeUrl) ?? make(typeUrl);
    made.set(typeUrl, value);
    return value;
  };
}
