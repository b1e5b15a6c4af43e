import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, startApiFixture } from './api-fixture.ts';

let api: ApiFixture;
const url = '/meshes/lists/dataplanes';

beforeAll(async () => {
  api = await startApiFixture();
  await api.request('PUT', '/meshes/lists', { type: 'Mesh', name: 'lists' });
  await api.request('PUT', '/meshes/other', { type: 'Mesh', name: 'other' });
  const put = (mesh: string, name: string, networking: object, labels = {}) =>
    api.request('PUT', `/meshes/${mesh}/dataplanes/${name}`, { type: 'Dataplane', mesh, name, labels, networking });
  const inbound = (tags: object) => ({ address: '127.0.0.1', inbound: [{ port: 80, tags }] });
  const answers = [
    await put('lists', 'web-2', inbound({ 'kuma.io/service': 'web', version: 'v2:beta' }), { team: 'a' }),
    await put('lists', 'web-1', inbound({ 'kuma.io/service': 'web', version: 'v1' }), { team: 'a', tier: 'x' }),
    await put('lists', 'api-1', inbound({ 'kuma.io/service': 'api' }), { team: 'b' }),
    await put('lists', 'gw', { address: '127.0.0.1', gateway: { type: 'DELEGATED', tags: { 'kuma.io/service': 'edge' } } }),
    await put('other', 'web-9', inbound({ 'kuma.io/service': 'web' })),
  ];
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(5).fill(201));
});
afterAll(() => api.close());

async function list(path: string) {
  const answer = await api.request('GET', path, undefined, { host: 'cp.example:5681' });
  expect(answer.statusCode).toBe(200);
  const { total, items, next } = answer.json();
  return { total, names: items.map(({ name }: { name: string }) => name), next };
}

describe('a list', () => {
  it.each([
    ['sorted by name', url, ['api-1', 'gw', 'web-1', 'web-2']],
    ['across meshes', '/dataplanes', ['api-1', 'gw', 'web-1', 'web-2', 'web-9']],
    ['by part of the name', `${url}?name=web`, ['web-1', 'web-2']],
    ['by label', `${url}?filter[labels.team]=a`, ['web-1', 'web-2']],
    ['by label, encoded', `${url}?filter%5Blabels.kuma.io%2Fmesh%5D=lists`, ['api-1', 'gw', 'web-1', 'web-2']],
    ['by several labels', `${url}?filter[labels.team]=a&filter[labels.tier]=x`, ['web-1']],
    ['gateways', `${url}?gateway=true`, ['gw']],
    ['delegated gateways', `${url}?gateway=delegated`, ['gw']],
    ['builtin gateways', `${url}?gateway=builtin`, []],
    ['sidecars', `${url}?gateway=false`, ['api-1', 'web-1', 'web-2']],
    ['by part of a tag', `${url}?tag=kuma.io/service:we`, ['web-1', 'web-2']],
    ['by a tag with any value', `${url}?tag=version:*`, ['web-1', 'web-2']],
    ['by several tags', `${url}?tag=kuma.io/service:web&tag=version:v1`, ['web-1']],
    ['by a tag whose value has a colon', `${url}?tag=version:v2:b`, ['web-2']],
    ['by the tag of a gateway', `${url}?tag=kuma.io/service:edge`, ['gw']],
    ['past the end', `${url}?offset=100`, []],
  ])('%s', async (_, path, names) => {
    expect((await list(path)).names).toEqual(names);
  });

  it.each(['/meshes//dataplanes', '/meshes//dataplanes/_overview'])(
    'of a mesh without a name is none of all meshes: %s',
    async (path) => {
      const answer = await api.request('GET', path);
      expect([answer.statusCode, answer.json().title]).toEqual([404, 'Failed to retrieve Mesh']);
    },
  );

  it('counts all matches before paging, and leads to the next page', async () => {
    expect(await list(`${url}?name=-&size=2`)).toEqual({
      total: 3,
      names: ['api-1', 'web-1'],
      next: `http://cp.example:5681${url}?name=-&size=2&offset=2`,
    });
    expect(await list(`${url}?name=-&size=2&offset=2`)).toEqual({ total: 3, names: ['web-2'], next: null });
    expect(await list(`${url}?offset=100`)).toMatchObject({ total: 4, next: null });
  });

  it('keeps filters with brackets in the next page', async () => {
    const { next } = await list(`${url}?filter[labels.team]=a&size=1`);
    expect(await list(next.replace('http://cp.example:5681', ''))).toMatchObject({ total: 2, names: ['web-2'], next: null });
  });
});

describe('behind a proxy', () => {
  it('the next page is where clients reach the API', async () => {
    const behind = await startApiFixture({ rootUrl: 'https://mesh.example/kuma/' });
    await behind.request('PUT', '/meshes/second', { type: 'Mesh', name: 'second' });
    const { next } = (await behind.request('GET', '/meshes?size=1')).json();
    expect(next).toBe('https://mesh.example/kuma/meshes?size=1&offset=1');
    expect((await behind.request('GET', '/')).json().gui).toBe('https://mesh.example/kuma/gui');
    await behind.close();
  });
});
