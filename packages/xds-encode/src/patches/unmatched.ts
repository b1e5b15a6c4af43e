import type { MeshProxyPatch } from '@kuma-mesh/core-model/generated/types/kuma/mesh_proxy_patch.ts';
import type { PatchIr, ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { EncodedProxy } from '../encoded.ts';
import { type Change, changesOf } from './change.ts';
import { madeForByName, origins, patchOrigin } from './made-for.ts';
import { isAbout } from './patch-resource.ts';

/** A proxy without the patches that are asked about. */
export interface Unpatched {
  readonly ir: ProxyIr;
  readonly encoded: EncodedProxy;
}

/**
 * Modifications of a valid MeshProxyPatch that find nothing to change at any of some proxies, one warning each. Stops asking
 * for proxies when all have found something. What is about things that patches add is not looked at.
 */
export async function unmatchedWarnings(
  { default: conf }: MeshProxyPatch,
  proxies: Iterable<Unpatched> | AsyncIterable<Unpatched>,
): Promise<readonly string[]> {
  const patches = (conf?.appendModifications ?? []).map((modification, index) => {
    return { modification: modification as PatchIr['modification'], index, origin: { kri: '' } };
  });
  const changes = changesOf(patches);
  const added = new Set(changes.flatMap(namesAdded));
  const open = new Set(changes.filter((change) => needsMatch(change, added)));
  let asked = 0;
  if (open.size === 0) return [];
  for await (const proxy of proxies) {
    asked++;
    for (const change of open) if (findsSomething(change, proxy)) open.delete(change);
    if (open.size === 0) return [];
  }
  if (asked === 0) return [];
  const where = asked === 1 ? 'the proxy that was' : `the ${asked} proxies that were`;
  return [...open].map(
    ({ part, index }) =>
      `field 'spec.default.appendModifications[${index}].${part}.match' matches nothing at ${where} looked at: the modification has no effect there`,
  );
}

/** Of things that a modification brings, also inside of others. The value of a Patch begins with the name of what it is for. */
function namesAdded({ operation, match, value, steps }: Change): string[] {
  const names = [...namesIn(value), ...namesIn(steps)];
  return operation === 'Patch' ? names.filter((name) => name !== match.name) : names;
}

function* namesIn(value: unknown): Iterable<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [field, below] of Object.entries(value)) {
    if (field === 'name' && typeof below === 'string') yield below;
    else yield* namesIn(below);
  }
}

function needsMatch({ part, operation, match }: Change, added: ReadonlySet<string>): boolean {
  if (operation === 'Add' && (part === 'cluster' || part === 'listener')) return false;
  // Origins that nothing has are told of by themselves.
  if (match.origin !== undefined && (match.origin === patchOrigin || !origins.has(match.origin))) return false;
  return ![match.name, match.listenerName, match.routeConfigurationName].some((name) => name !== undefined && added.has(name));
}

function findsSomething(change: Change, { ir, encoded }: Unpatched): boolean {
  for (const [typeUrl, madeFor] of madeForByName(ir)) {
    for (const resource of encoded.get(typeUrl)?.values() ?? []) {
      if (isAbout(change, resource, madeFor.get(resource.name) ?? patchOrigin)) return true;
    }
  }
  return false;
}
