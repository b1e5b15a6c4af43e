import type { DataplaneInsight } from '@kuma-mesh/core-model/generated/types/kuma/insights.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiFixture, startApiFixture } from './api-fixture.ts';

const insight: DataplaneInsight = {
  subscriptions: [
    {
      id: 's-1',
      controlPlaneInstanceId: 'cp-1',
      connectTime: '2026-01-01T00:00:00Z',
      version: { kumaDp: { version: '2.14.3' } },
    },
  ],
  rejections: [
    { typeUrl: 't', name: 'inbound:127.0.0.1:8080', message: 'no such filter', origins: ['kri_mtp_m_default__only-v2_'] },
  ],
};
const time = '2026-01-01T00:00:00Z';

let api: ApiFixture;
beforeAll(async () => {
  api = await startApiFixture({ insights: 'stored' });
  for (const name of ['a', 'b']) {
    const networking = { address: '127.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': name } }] };
    await api.request('PUT', `/meshes/default/dataplanes/${name}`, { type: 'Dataplane', mesh: 'default', name, networking });
  }
  const meta = { mesh: 'default', creationTime: time, modificationTime: time };
  const origins = [{ ...insight.rejections![0], origins: ['kri_mt_default_default__mesh-timeout-all-default_'] }];
  const full = { online: 1, offline: 1, partiallyDegraded: 0, total: 2 };
  await api.store.insights.putMany([
    { ...meta, type: 'DataplaneInsight', name: 'a', spec: { ...insight, rejections: origins } },
    { ...meta, type: 'MeshInsight', mesh: '', name: 'default', spec: { dataplanesByType: { standard: full } } },
    {
      ...meta,
      type: 'ServiceInsight',
      name: 'all-services-default',
      spec: {
        services: {
          b: { status: 'offline', dataplanes: { total: 1 } },
          a: { status: 'online', dataplanes: { total: 1, online: 1 } },
        },
      },
    },
  ]);
});
afterAll(() => api.close());
const read = async (url: string) => (await api.request('GET', url)).json();

it.each(['/meshes/default/dataplanes/_overview', '/meshes/default/dataplanes+insights', '/dataplanes/_overview'])(
  '%s',
  async (url) => {
    const list = await read(url);
    expect(list).toMatchObject({ total: 2, next: null });
    expect(list.items[0]).toMatchObject({
      type: 'DataplaneOverview',
      mesh: 'default',
      name: 'a',
      kri: 'kri_dp_default_default__a_',
      dataplane: { networking: { address: '127.0.0.1' } },
      dataplaneInsight: { subscriptions: [{ id: 's-1' }] },
    });
    expect(list.items[1].dataplaneInsight).toBeUndefined();
    expect((await read(`${url}?tag=kuma.io/service:b`)).total).toBe(1);
  },
);

it.each(['/meshes/default/dataplanes/a/_overview', '/meshes/default/dataplanes+insights/a'])('%s', async (url) => {
  expect(await read(url)).toMatchObject({
    type: 'DataplaneOverview',
    name: 'a',
    dataplaneInsight: { subscriptions: [{ id: 's-1' }] },
  });
  expect((await api.request('GET', url.replace(/\/a(?=$|\/)/, '/no'))).statusCode).toBe(404);
});

it('zones have overviews', async () => {
  expect((await read('/zones/_overview')).items).toMatchObject([
    { type: 'ZoneOverview', name: 'default', zone: { enabled: true } },
  ]);
  expect(await read('/zones/default/_overview')).toMatchObject({ type: 'ZoneOverview', name: 'default' });
});

it('services are resources of their own', async () => {
  const list = await read('/meshes/default/service-insights');
  expect(list.items.map(({ type, name, status }: Record<string, string>) => [type, name, status])).toEqual([
    ['ServiceInsight', 'a', 'online'],
    ['ServiceInsight', 'b', 'offline'],
  ]);
  expect(await read('/meshes/default/service-insights/a')).toMatchObject({ name: 'a', dataplanes: { total: 1, online: 1 } });
  expect(await read('/mesh-insights/default')).toMatchObject({ type: 'MeshInsight', name: 'default' });
});

it('everything is counted', async () => {
  const none = { online: 0, offline: 0, partiallyDegraded: 0, total: 0 };
  expect(await read('/global-insight')).toMatchObject({
    createdAt: expect.stringMatching(/Z$/),
    meshes: { total: 1 },
    zones: { controlPlanes: { online: 1, total: 1 } },
    dataplanes: {
      standard: { online: 1, offline: 1, partiallyDegraded: 0, total: 2 },
      gatewayBuiltin: none,
      gatewayDelegated: none,
    },
    services: { internal: { online: 1, offline: 1, partiallyDegraded: 0, total: 2 }, external: { total: 0 } },
    policies: { total: 4 },
    resources: { Dataplane: { total: 2 }, Mesh: { total: 1 } },
  });
});

it('a policy whose configuration a proxy rejected says so, and may be written as it was read', async () => {
  const url = '/meshes/default/meshtimeouts/mesh-timeout-all-default';
  const policy = await read(url);
  expect(policy.status.warnings).toEqual([expect.stringMatching(/"a" rejected .*no such filter/)]);
  expect((await api.request('PUT', url, policy)).statusCode).toBe(200);
  expect((await read('/meshes/default/meshretries/mesh-retry-all-default')).status).toBeUndefined();
});
