/** How lists at certain paths of a policy's configuration merge; all others are replaced whole. */
export type MergeStrategy = Readonly<Record<string, ListMerge>>;

export type ListMerge =
  /** The later list goes behind the earlier one. */
  | { readonly kind: 'append' }
  /** Items with an equal key are merged, in place of the first. Earlier ones of a list win over later ones, and come first. */
  | { readonly kind: 'by-key'; readonly key: (item: unknown) => string };

/**
 * Configurations merged in order, later ones winning: objects field by field, everything else replaced (RFC 7396), lists as
 * the strategy says. Nothing is changed in place; one configuration alone is given back as it is.
 */
export function mergeConfs<Conf>(confs: readonly Conf[], strategy: MergeStrategy = {}): Conf {
  return confs.reduce((merged, conf) => mergeValues(merged, conf, strategy, '') as Conf);
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
  const list = strategy[path];
  return list && Array.isArray(a) && Array.isArray(b) ? Object.freeze(mergeLists(a, b, list, strategy, path)) : b;
}

function mergeLists(
  a: readonly unknown[],
  b: readonly unknown[],
  merge: ListMerge,
  strategy: MergeStrategy,
  path: string,
): unknown[] {
  if (merge.kind === 'append') return [...a, ...b];
  const first = Map.groupBy(b, merge.key);
  const below = Map.groupBy(
    a.filter((item) => first.has(merge.key(item))),
    merge.key,
  );
  const merged = [...first].map(([key, items]) =>
    [...items, ...(below.get(key) ?? [])].reduceRight((lower, item) => mergeValues(lower, item, strategy, `${path}[]`)),
  );
  return merged.concat(below.size > 0 ? a.filter((item) => !first.has(merge.key(item))) : a);
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
