import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ApiClient } from './api-client.ts';

let server: Server | undefined;

afterEach(() => server?.close());

async function clientFor(status: number, body: string): Promise<ApiClient> {
  server = createServer((_request, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return new ApiClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, 5_000);
}

test('an error shows every field that the control plane names', async () => {
  const problem = {
    title: 'Could not process a resource',
    detail: 'Resource is not valid',
    invalid_parameters: [
      { field: 'spec.to[0].targetRef.kind', reason: 'is required' },
      { field: 'name', reason: 'is wrong' },
    ],
  };
  const client = await clientFor(400, JSON.stringify(problem));
  await expect(client.put('/meshes/x', {})).rejects.toThrow(
    'Could not process a resource (Resource is not valid)\n* spec.to[0].targetRef.kind: is required\n* name: is wrong',
  );
});

test('an answer that is no control plane is shown with its status', async () => {
  const client = await clientFor(502, 'bad gateway');
  await expect(client.getJson('/')).rejects.toThrow('status 502: bad gateway');
});

test('where nobody listens, the address is named', async () => {
  const client = await clientFor(200, '{}');
  await new Promise((resolve) => server!.close(resolve));
  await expect(client.getJson('/')).rejects.toThrow(
    /cannot reach the control plane at http:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/,
  );
});

test('an absent resource is undefined, another failure is not', async () => {
  expect(await (await clientFor(404, '{}')).findJson('/meshes/x')).toBeUndefined();
  server?.close();
  await expect((await clientFor(500, 'broken')).findJson('/meshes/x')).rejects.toThrow('status 500');
});

test('what may be old is said, once', async () => {
  server = createServer((_request, response) => response.writeHead(200, { 'x-kuma-stale-seconds': '12' }).end('{}'));
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const told: number[] = [];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new ApiClient({ url }, 5_000, { stale: (seconds) => told.push(seconds) });
  await client.getJson('/meshes');
  await client.getJson('/meshes');
  expect(told).toEqual([12]);
});
