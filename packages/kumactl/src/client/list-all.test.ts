import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from './api-client.ts';
import { listAll } from './list-all.ts';

const things = ['a', 'b', 'c', 'd', 'e'];
const asked: string[] = [];
// Has no more than two on a page, whatever it is asked for.
const server = createServer((request, response) => {
  asked.push(request.url!);
  const offset = Number(new URL(request.url!, 'http://server').searchParams.get('offset'));
  const next = offset + 2 < things.length ? `/things?offset=${offset + 2}` : null;
  response.end(JSON.stringify({ total: things.length, items: things.slice(offset, offset + 2), next }));
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

test('all pages are read', async () => {
  const client = new ApiClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, 10_000);
  const query = new URLSearchParams({ tag: 'a:b' });
  expect(await listAll(client, '/things', query)).toEqual({ total: 5, items: things, next: null });
  expect(asked.at(-1)).toBe('/things?tag=a%3Ab&size=1000&offset=4');
});
