import type { EncodedProxy, EncodedResource } from '@kuma-mesh/xds-encode/encoded.ts';

/** The old configuration if the new one says the same, else the new one with those parts of the old that stayed. */
export function keepWhatStayed(before: EncodedProxy | undefined, after: EncodedProxy): EncodedProxy {
  if (before === undefined) return after;
  let changed = before.size !== after.size;
  const kept = new Map<string, ReadonlyMap<string, EncodedResource>>();
  for (const [typeUrl, resources] of after) {
    const old = before.get(typeUrl);
    const same = old !== undefined && sameResources(old, resources);
    kept.set(typeUrl, same ? old : resources);
    changed ||= !same;
  }
  return changed ? kept : before;
}

function sameResources(a: ReadonlyMap<string, EncodedResource>, b: ReadonlyMap<string, EncodedResource>): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [name, resource] of a) if (!sameResource(b.get(name), resource)) return false;
  return true;
}

/** What is said of it counts as well: a patch that cannot be applied leaves the content as it was, and one that Envoy rejects is left out. */
function sameResource(a: EncodedResource | undefined, b: EncodedResource): boolean {
  if (a === b) return true;
  return (
    a?.version === b.version &&
    a.renewal === b.renewal &&
    a.patched?.unapplied === b.patched?.unapplied &&
    a.patched?.without?.version === b.patched?.without?.version
  );
}
