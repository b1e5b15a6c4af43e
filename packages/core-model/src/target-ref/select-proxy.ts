import { hasTags, type Tags, wellKnown } from '../dataplane/tags.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import { isInScope } from './policy-scope.ts';
import type { PolicyResource } from './policy-spec.ts';
import type { ProxyTarget } from './proxy-target.ts';

/** Which part of a proxy a top-level reference selects: nothing, all of it, or some of its inbounds. */
export type Selection = 'none' | 'all' | ReadonlySet<number>;

/** What a policy decides by to which proxies it applies. */
export type Selecting = Pick<PolicyResource, 'labels' | 'spec'>;

/** A policy with a top-level reference to proxies. MeshHTTPRoute is no such; see `rules/resolve-rules.ts`. */
export function selectProxy(policy: Selecting, proxy: ProxyTarget): Selection {
  return isInScope(policy, proxy) ? selectByRef(policy.spec.targetRef, proxy) : 'none';
}

function selectByRef(ref: TargetRef | undefined, proxy: ProxyTarget): Selection {
  if (ref?.proxyTypes && ref.proxyTypes.length > 0 && !ref.proxyTypes.includes(proxy.proxyType)) return 'none';
  switch (ref?.kind ?? 'Mesh') {
    case 'Mesh':
      return 'all';
    case 'Dataplane':
      return selectDataplane(ref!, proxy);
    case 'MeshSubset':
      return selectByTags(ref?.tags ?? {}, proxy);
    case 'MeshService':
    case 'MeshServiceSubset':
      return ref?.name ? selectByTags({ ...ref.tags, [wellKnown.service]: ref.name }, proxy) : 'none';
    default:
      return 'none';
  }
}

function selectDataplane(ref: TargetRef, proxy: ProxyTarget): Selection {
  if (ref.name && ref.name !== proxy.name && ref.name !== proxy.labels[wellKnown.displayName]) return 'none';
  if (ref.namespace && ref.namespace !== proxy.labels[wellKnown.namespace]) return 'none';
  if (ref.labels && !hasTags(proxy.labels, ref.labels)) return 'none';
  if (!ref.sectionName) return 'all';
  return some(sectionOf(proxy, ref.sectionName));
}

/** The inbound of that name; where none has it, the one at that port that has no name. */
function sectionOf({ inbounds }: ProxyTarget, section: string): readonly number[] {
  const named = inbounds.flatMap(({ name }, i) => (name === section ? i : []));
  if (named.length > 0) return named;
  return inbounds.flatMap(({ name, port }, i) => (name === undefined && String(port) === section ? i : []));
}

function selectByTags(wanted: Tags, proxy: ProxyTarget): Selection {
  const matching = proxy.tagSets.flatMap((tags, i) => (hasTags(tags, wanted) ? i : []));
  return proxy.proxyType === 'Gateway' || matching.length === proxy.tagSets.length
    ? matching.length > 0
      ? 'all'
      : 'none'
    : some(matching);
}

function some(inbounds: readonly number[]): Selection {
  return inbounds.length === 0 ? 'none' : new Set(inbounds);
}

export function includesInbound(selection: Selection, inbound: number): boolean {
  return selection === 'all' || (selection !== 'none' && selection.has(inbound));
}
