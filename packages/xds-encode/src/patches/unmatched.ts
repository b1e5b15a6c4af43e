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
  const open = new Map(
    changes.flatMap((change) => {
      const sought = lookedFor(change, added);
      return sought ? [[change, sought] as const] : [];
    }),
  );
  let asked = 0;
  if (open.size === 0) return [];
  for await (const proxy of proxies) {
    asked++;
    for (const [change, sought] of open) if (findsSomething(sought, proxy)) open.delete(change);
    if (open.size === 0) return [];
  }
  if (asked === 0) return [];
  const where = asked === 1 ? 'the proxy that was' : `the ${asked} proxies that were`;
  return [...open.keys()].map(
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

/**
 * What a proxy without patches must have for a change to find something, as a change that would find it.
 * @returns undefined where what patches add may be all that it is about
 */
function lookedFor(change: Change, added: ReadonlySet<string>): Change | undefined {
  const { part, operation, match } = change;
  const whole = part === 'cluster' || part === 'listener';
  if (operation === 'Add' && whole) return undefined;
  // Origins that nothing has are told of by themselves.
  if (match.origin !== undefined && (match.origin === patchOrigin || !origins.has(match.origin))) return undefined;
  const isAdded = (name: string | undefined) => name !== undefined && added.has(name);
  if (![match.name, match.listenerName, match.routeConfigurationName].some(isAdded)) return change;
  // What is added has an origin of its own, and a virtual host that of the routes it is added to.
  if (whole && match.origin !== undefined) return change;
  if (match.routeConfigurationName === undefined || isAdded(match.routeConfigurationName)) return undefined;
  const { name: _, ...routes } = match;
  return { ...change, operation: 'Remove', match: routes };
}

function findsSomething(change: Change, { ir, encoded }: Unpatched): boolean {
  for (const [typeUrl, madeFor] of madeForByName(ir)) {
    for (const resource of encoded.get(typeUrl)?.values() ?? []) {
      if (isAbout(change, resource, madeFor.get(resource.name) ?? patchOrigin)) return true;
    }
  }
  return false;
}
