/** How lists at certain paths of a policy's configuration merge; all others are replaced whole. */
export type MergeStrategy = Readonly<Record<string, ListMerge>>;

export type ListMerge =
  /** The later list goes behind the earlier one. */
  | { readonly kind: 'append' }
  /**
   * Items with an equal key are merged, in place of the first. Earlier ones of a list win over later ones, and come first. For
   * a field of the configuration itself, and not of what is in it.
   */
  | { readonly kind: 'by-key'; readonly key: (item: unknown) => string };

/**
 * Configurations merged in order, later ones winning: objects field by field, everything else replaced (RFC 7396), lists as
 * the strategy says. Nothing is changed in place; one configuration alone is given back as it is.
 */
export function mergeConfs<Conf>(confs: readonly Conf[], strategy: MergeStrategy = {}): Conf {
  const merged = confs.reduce((before, conf) => mergeValues(before, conf, strategy, '') as Conf);
  if (confs.length === 1) return merged;
  const lists = Object.entries(strategy).flatMap(([field, how]) => {
    if (how.kind !== 'by-key') return [];
    const stated = confs.flatMap((conf) => listAt(conf, field));
    return stated.length > 0 ? [[field, mergeByKey(stated, how.key)] as const] : [];
  });
  return lists.length === 0 ? merged : Object.freeze({ ...merged, ...Object.fromEntries(lists) });
}

function listAt(conf: unknown, field: string): readonly (readonly unknown[])[] {
  const list = (conf as Readonly<Record<string, unknown>>)[field];
  return Array.isArray(list) ? [list] : [];
}

/** All lists at once, the one that wins first: there may be hundreds. */
function mergeByKey(lists: readonly (readonly unknown[])[], key: (item: unknown) => string): readonly unknown[] {
  const groups = Map.groupBy(lists.toReversed().flat(), key);
  return Object.freeze([...groups.values()].map((items) => items.reduceRight((lower, item) => mergeValues(lower, item, {}, ''))));
}

function mergeValues(a: unknown, b: unknown, strategy: MergeStrategy, path: string): unknown {
  if (b === undefined) return a;
  if (isObject(a) && isObject(b)) {
    const merged: Record<string, unknown> = { ...a };
    for (const [field, value] of Object.entries(b)) {
      if (value === null) delete merged[field];
      else merged[field] = mergeValues(a[field], value, strategy, path === '' ? field : `${path}.${field}`);
    }
    return Object.freeze(merged);
  }
  const appended = strategy[path]?.kind === 'append' && Array.isArray(a) && Array.isArray(b);
  return appended ? Object.freeze([...a, ...b]) : b;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON with sorted keys: one text for equal values. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) =>
    isObject(field) ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1))) : field,
  );
}
