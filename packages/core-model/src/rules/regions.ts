import type { Tags } from '../dataplane/tags.ts';

/** A condition on one tag, as inspection shows it. */
export interface TagMatcher {
  readonly key: string;
  readonly value: string;
  readonly not: boolean;
}

/** Traffic that the same items are for: no two regions overlap. */
export interface Region<Item> {
  readonly matchers: readonly TagMatcher[];
  readonly items: readonly Item[];
}

/** More than these help nobody who reads them; the items are listed as they stand then. */
const mostRegions = 2000;

/**
 * Divides traffic so that each region has one set of items, those without any left out. A tag is thought to have one value.
 *
 * For people to look at: the number of regions multiplies with each further tag. What proxies run does not depend on it.
 */
export function regionsOf<Item>(items: readonly Item[], selector: (item: Item) => Tags): readonly Region<Item>[] {
  const values = new Map<string, Set<string>>();
  for (const item of items) {
    for (const [key, value] of Object.entries(selector(item))) values.set(key, (values.get(key) ?? new Set()).add(value));
  }
  let regions: { readonly tags: Tags; readonly matchers: readonly TagMatcher[] }[] = [{ tags: {}, matchers: [] }];
  for (const key of [...values.keys()].sort()) {
    const known = [...values.get(key)!].sort();
    const others = known.map((value) => ({ key, value, not: true }));
    if (regions.length * (known.length + 1) > mostRegions) return oneByOne(items, selector);
    regions = regions.flatMap(({ tags, matchers }) => [
      ...known.map((value) => ({ tags: { ...tags, [key]: value }, matchers: [...matchers, { key, value, not: false }] })),
      { tags, matchers: [...matchers, ...others] },
    ]);
  }
  return regions.flatMap(({ tags, matchers }) => {
    const inRegion = items.filter((item) => Object.entries(selector(item)).every(([key, value]) => tags[key] === value));
    return inRegion.length > 0 ? [{ matchers, items: inRegion }] : [];
  });
}

function oneByOne<Item>(items: readonly Item[], selector: (item: Item) => Tags): readonly Region<Item>[] {
  return items.map((item) => ({
    matchers: Object.entries(selector(item)).map(([key, value]) => ({ key, value, not: false })),
    items: [item],
  }));
}
