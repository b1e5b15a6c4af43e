import type { ApiClient } from './api-client.ts';

export interface List<T> {
  readonly total: number;
  readonly items: readonly T[];
  readonly next: string | null;
}

/** All pages of a list, as one. @param query what it is narrowed by */
export async function listAll<T>(client: ApiClient, path: string, query = new URLSearchParams()): Promise<List<T>> {
  const items: T[] = [];
  for (;;) {
    const asked = new URLSearchParams([...query, ['size', '1000'], ['offset', String(items.length)]]);
    const page = await client.getJson<List<T>>(`${path}?${asked}`);
    items.push(...page.items);
    if (page.next === null || page.items.length === 0) return { total: items.length, items, next: null };
  }
}
