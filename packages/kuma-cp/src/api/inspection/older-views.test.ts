import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, startApiFixture } from '../api-fixture.ts';

let api: ApiFixture;

beforeAll(async () => {
  api = await startApiFixture();
  await put('/meshes/m', { type: 'Mesh', name: 'm' });
  for (const [name, version] of Object.entries({ web: 'v1', backend: 'v2' })) {
    const inbound = [{ port: 8080, tags: { 'kuma.io/service': name, version } }];
    const networking = { address: '127.0.0.1', inbound };
    await put(`/meshes/m/dataplanes/${name}`, { type: 'Dataplane', mesh: 'm', name, networking });
  }
  const from = [{ targetRef: { kind: 'Mesh' }, default: { action: 'Allow' } }];
  const spec = { targetRef: { kind: 'MeshSubset', tags: { version: 'v2' } }, from };
  const only = { type: 'MeshTrafficPermission', mesh: 'm', name: 'only-v2', spec };
  await put('/meshes/m/meshtrafficpermissions/only-v2', only);
});
afterAll(() => api.close());

async function put(url: string, body: object) {
  expect((await api.request('PUT', url, body)).statusCode).toBe(201);
}
async function get(url: string, status = 200) {
  const answer = await api.request('GET', url);
  expect([url, answer.statusCode]).toEqual([url, status]);
  return answer.json();
}

const wholeProxy = { type: 'dataplane', name: '', service: '' };

test('the policies of a proxy are shown as attached to it', async () => {
  const { kind, total, items } = await get('/meshes/m/dataplanes/backend/policies');
  expect([kind, total]).toEqual(['SidecarDataplane', 1]);
  expect(items[0]).toMatchObject({
    ...wholeProxy,
    matchedPolicies: {
      MeshTimeout: [{ type: 'MeshTimeout', mesh: 'm', name: 'mesh-timeout-all-m', spec: { to: expect.any(Array) } }],
      MeshTrafficPermission: [{ type: 'MeshTrafficPermission', name: 'only-v2' }],
    },
  });
  expect((await get('/meshes/m/dataplanes/web/policies')).items[0].matchedPolicies).not.toHaveProperty('MeshTrafficPermission');
  await get('/meshes/m/dataplanes/no/policies', 404);
});

test('the proxies of a policy are shown with their attachments', async () => {
  expect(await get('/meshes/m/meshtrafficpermissions/only-v2/dataplanes')).toEqual({
    total: 1,
    items: [{ kind: 'SidecarDataplane', dataplane: { mesh: 'm', name: 'backend' }, attachments: [wholeProxy] }],
  });
  await get('/meshes/m/meshtrafficpermissions/no/dataplanes', 404);
});
