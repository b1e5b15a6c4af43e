import type { ListQuery } from './list-query.ts';

export interface ListPage<T> {
  /** Number of matches on all pages. */
  readonly total: number;
  readonly items: readonly T[];
  /** URL of the next page. */
  readonly next: string | null;
}

/** What the filters of every list look at. */
interface Listed {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The items that pass the filters of the query, in their order. */
export function filterList<T extends Listed>(items: readonly T[], { name, labels }: ListQuery): readonly T[] {
  if (name === undefined && labels.length === 0) return items;
  return items.filter(
    (item) => (name === undefined || item.name.includes(name)) && labels.every(([key, value]) => item.labels[key] === value),
  );
}

/** One page of the matches; `url` is the absolute URL of the request. */
export function listPage<T, R>(matches: readonly T[], query: ListQuery, url: URL, render: (item: T) => R): ListPage<R> {
  const end = query.offset + query.size;
  return {
    total: matches.length,
    items: matches.slice(query.offset, end).map(render),
    next: end < matches.length ? nextUrl(url, query) : null,
  };
}

function nextUrl(url: URL, { offset, size }: ListQuery): string {
  const next = new URL(url);
  next.searchParams.set('offset', String(offset + size));
  next.searchParams.set('size', String(size));
  return next.toString();
}
