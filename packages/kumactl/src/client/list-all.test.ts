import { expect, test } from 'vitest';
import type { ApiClient } from './api-client.ts';
import { listAll } from './list-all.ts';

test('all pages are read', async () => {
  const asked: string[] = [];
  const client = {
    getJson: async (path: string) => {
      asked.push(path);
      return asked.length < 3 ? { total: 5, items: [1, 2], next: 'more' } : { total: 5, items: [5], next: null };
    },
  } as unknown as ApiClient;
  expect(await listAll(client, '/things', new URLSearchParams({ tag: 'a:b' }))).toEqual({
    total: 5,
    items: [1, 2, 1, 2, 5],
    next: null,
  });
  expect(asked.at(-1)).toBe('/things?tag=a%3Ab&size=1000&offset=4');
});
