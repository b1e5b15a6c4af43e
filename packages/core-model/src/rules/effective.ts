import type { Origin, PieceOrigins } from '../ir/origin.ts';
import { type MergeStrategy, mergeConfs } from './merge.ts';
import type { RuleOrigin } from './policy-items.ts';

/** What applies to one thing, of all policies of a kind: their configurations merged. */
export interface Effective<Conf = unknown> {
  readonly conf: Conf;
  /** What was merged, in order; the last one wins. */
  readonly items: readonly EffectiveItem<Conf>[];
}

export interface EffectiveItem<Conf = unknown> {
  readonly conf: Conf;
  readonly origin: RuleOrigin;
}

/**
 * Merged when somebody asks for the result: routes are made of the items, of which there may be hundreds.
 * @param items in order of merging; none give undefined
 * @param share gives one object for equal results
 */
export function effective<Conf>(
  items: readonly EffectiveItem<Conf>[],
  strategy: MergeStrategy | undefined,
  share: (conf: Conf) => Conf = (conf) => conf,
): Effective<Conf> | undefined {
  if (items.length === 0) return undefined;
  const confs = items.map(({ conf }) => conf);
  let merged: { readonly conf: Conf } | undefined;
  return Object.freeze({
    get conf() {
      merged ??= { conf: share(mergeConfs(confs, strategy)) };
      return merged.conf;
    },
    items,
  });
}

/** Origins of an effective configuration, as the IR carries them. */
export function originsOf(rule: Effective | undefined): readonly Origin[] {
  return rule?.items.map(({ origin }) => irOrigin(origin)) ?? [];
}

/** Who shaped a piece; nothing to say where no policy did. */
export function pieceOrigins(piece: PieceOrigins['piece'], name: string, origins: readonly Origin[]): readonly PieceOrigins[] {
  const distinct = new Map(origins.map((origin) => [`${origin.kri}/${origin.ruleIndex}`, origin]));
  return origins.length === 0 ? [] : [Object.freeze({ piece, name, origins: Object.freeze([...distinct.values()]) })];
}

export function irOrigin({ kri, ruleIndex }: RuleOrigin): Origin {
  return Object.freeze(ruleIndex === undefined ? { kri } : { kri, ruleIndex });
}

/** The origin of each single value, by its path such as `http.requestTimeout`: the last item that states it. */
export function valueOrigins(rule: Effective): ReadonlyMap<string, Origin> {
  const origins = new Map<string, Origin>();
  for (const { conf, origin } of rule.items) {
    for (const path of leafPaths(conf)) origins.set(path, irOrigin(origin));
  }
  return origins;
}

/** Of each single value, such as `http.requestTimeout`; a list is one, and so is an empty message in another. */
export function* leafPaths(value: unknown, path = ''): Iterable<string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || (path !== '' && Object.keys(value).length === 0)) {
    yield path;
    return;
  }
  for (const [field, below] of Object.entries(value)) yield* leafPaths(below, path === '' ? field : `${path}.${field}`);
}
