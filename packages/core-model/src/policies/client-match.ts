import { wellKnown } from '../dataplane/tags.ts';
import type { ClientMatch } from '../generated/types/kuma/client_match.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import { type ClientMatchIr, type SpiffeIdIr, spiffeId, tagUri } from '../ir/index.ts';
import { selectorOf } from '../target-ref/selector-of.ts';

/** Clients that a reference in `from` means, as conditions on their certificate. */
export function clientMatch(ref: TargetRef, mesh: string): ClientMatchIr {
  const tags = selectorOf(ref);
  return allOf(
    Object.keys(tags)
      .sort()
      .map((tag) => tagMatch(tag, tags[tag]!, mesh)),
  );
}

function tagMatch(tag: string, value: string, mesh: string): ClientMatchIr {
  if (value === '*')
    return { kind: 'spiffeId', match: 'prefix', value: tag === wellKnown.service ? spiffeId(mesh, '') : tagUri(tag, '') };
  return { kind: 'tag', tag, value, mesh };
}

/** Clients that a condition in `rules` means. */
export function spiffeMatch(match: ClientMatch): ClientMatchIr {
  return spiffeIdOf(match) ?? { kind: 'any' };
}

export function spiffeIdOf({ spiffeID }: ClientMatch): SpiffeIdIr | undefined {
  if (spiffeID?.value === undefined) return undefined;
  return { kind: 'spiffeId', match: spiffeID.type === 'Prefix' ? 'prefix' : 'exact', value: spiffeID.value };
}

/** Greater for clients that are named more exactly. */
export function exactness({ match, value }: SpiffeIdIr): number {
  return match === 'exact' ? Number.MAX_SAFE_INTEGER : value.length;
}

export function allOf(matches: readonly ClientMatchIr[]): ClientMatchIr {
  const conditions = matches.filter(({ kind }) => kind !== 'any');
  if (conditions.length === 0) return { kind: 'any' };
  return conditions.length === 1 ? conditions[0]! : { kind: 'and', of: conditions };
}

export function anyOf(matches: readonly ClientMatchIr[]): ClientMatchIr {
  if (matches.some(({ kind }) => kind === 'any')) return { kind: 'any' };
  return matches.length === 1 ? matches[0]! : { kind: 'or', of: matches };
}

export function not(match: ClientMatchIr): ClientMatchIr {
  return { kind: 'not', of: match };
}
