import type { DataplaneInsight, MeshInsight, ServiceInsight } from '@kuma-mesh/core-model/generated/types/kuma/insights.ts';
import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aloneCluster } from '../cluster/cluster.ts';
import { pool, startControlPlane, type TestControlPlane } from '../sessions/testing/control-plane.ts';
import { dataplaneOf, nodeOf, TestProxy, type TestProxyOptions } from '../sessions/testing/test-proxy.ts';

let cp: TestControlPlane;
beforeEach(async () => {
  cp = await startControlPlane();
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: {} });
});
afterEach(() => cp.close());
afterAll(() => pool.close());

const connect = (options: TestProxyOptions) => TestProxy.connect(cp.sessions, options);
const web = { name: 'web-1', service: 'web' };
const mtls = { enabledBackend: 'ca-1', backends: [{ name: 'ca-1', type: 'builtin' }] };

async function read<T>(type: string, name: string, mesh = 'default'): Promise<T | undefined> {
  return (await cp.insights.get({ type, mesh, name }))?.spec as T | undefined;
}
const ofProxy = (name = 'web-1') => read<DataplaneInsight>('DataplaneInsight', name);
const ofMesh = (mesh = 'default') => read<MeshInsight>('MeshInsight', mesh, '');
const ofServices = async () => (await read<ServiceInsight>('ServiceInsight', 'all-services-default'))?.services;

test('a stream is a subscription, with what was sent and accepted, by type', async () => {
  const proxy = await connect(web);
  await proxy.until(() => true);
  const insight = await ofProxy();
  expect(insight!.subscriptions).toHaveLength(1);
  const [subscription] = insight!.subscriptions!;
  expect(subscription).toMatchObject({
    controlPlaneInstanceId: 'cp-1',
    generation: 1,
    version: { kumaDp: { version: '0.1.0', kumaCpCompatible: true }, envoy: { version: '1.40.0' } },
    status: { cds: { responsesSent: '1', responsesAcknowledged: '1', responsesRejected: '0' } },
  });
  expect(subscription!.disconnectTime).toBeUndefined();
  expect(insight!.metadata).toMatchObject({ 'dataplane.admin.port': '9901' });
});

test('the last two streams are kept, and the ends of those that ended', async () => {
  for (let round = 0; round < 3; round++) {
    const proxy = await connect(web);
    await proxy.until(() => true);
    if (round < 2) proxy.close();
  }
  const { subscriptions } = (await ofProxy())!;
  expect(subscriptions!.map(({ generation, disconnectTime }) => [generation, disconnectTime !== undefined])).toEqual([
    [2, true],
    [3, false],
  ]);
});

test('a certificate is shown with its end and who issued it', async () => {
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: { mtls } });
  const proxy = await connect(web);
  await proxy.until(() => proxy.names('secret').length === 2);
  const insight = (await ofProxy())!;
  expect(insight.mTLS).toMatchObject({ certificateRegenerations: 1, issuedBackend: 'ca-1', supportedBackends: ['ca-1'] });
  expect(Date.parse(insight.mTLS!.certificateExpirationTime!)).toBeGreaterThan(Date.now());
  expect((await ofMesh())!.mTLS).toMatchObject({ issuedBackends: { 'ca-1': { total: 1, online: 1 } } });
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: {} });
  await proxy.until(() => proxy.names('secret').length === 0);
  expect((await ofProxy())!.mTLS).toBeUndefined();
});

test('a patch that cannot be applied is shown like a rejection until it can', async () => {
  const patch = (path: string) => ({
    type: 'MeshProxyPatch',
    mesh: 'default',
    name: 'p',
    spec: {
      default: {
        appendModifications: [
          {
            cluster: {
              operation: 'Patch',
              match: { name: 'backend' },
              jsonPatches: [{ op: 'copy', from: path, path: '/altStatName' }],
            },
          },
        ],
      },
    },
  });
  const proxy = await connect({ ...web, calls: ['backend'] });
  await cp.put(patch('/transportSocket/name'));
  await expect
    .poll(async () => (await ofProxy())!.rejections)
    .toMatchObject([
      {
        typeUrl: typeUrls.cluster,
        name: 'backend',
        message: 'appendModifications[0] could not be applied: jsonPatches[0]: there is nothing at /transportSocket/name',
        origins: ['kri_mpp_default_default__p_'],
      },
    ]);
  await cp.put(patch('/name'));
  await expect.poll(async () => (await ofProxy())!.rejections).toBeUndefined();
  proxy.close();
});

test('what cannot be encoded is shown like a rejection until it can, and the rest goes on', async () => {
  // As an earlier control plane may have left it in the store.
  const limits = (maxConnections: number) => ({
    type: 'MeshCircuitBreaker',
    mesh: 'default',
    name: 'limits',
    labels: {},
    spec: { to: [{ targetRef: { kind: 'MeshService', name: 'backend' }, default: { connectionLimits: { maxConnections } } }] },
  });
  const proxy = await connect({ ...web, calls: ['backend', 'cache'] });
  await proxy.until(() => proxy.names('cluster').includes('backend'));
  await cp.store.write([{ op: 'create', draft: limits(2 ** 32) }]);
  const names = ['mt_default_default__mesh-timeout-all-default', 'mcb_default_default__mesh-circuit-breaker-all-default'];
  const rejections = async () => (await ofProxy())!.rejections;
  await expect.poll(rejections).toMatchObject([
    {
      typeUrl: typeUrls.cluster,
      name: 'backend',
      message: `cannot be encoded: invalid uint32: ${2 ** 32}`,
      origins: [...names, 'mcb_default___limits'].map((name) => `kri_${name}_`),
    },
  ]);
  const seen = await rejections();
  await connect({ name: 'cache-1', service: 'cache', port: 8081 });
  await proxy.until(() => proxy.endpoints('cache').length === 1);
  expect(await rejections()).toEqual(seen);
  expect(cp.insights.rejections).toBe(1);
  await cp.put(limits(5));
  await proxy.until(() => proxy.json('cluster').includes('"maxConnections":5'));
  expect(await rejections()).toBeUndefined();
});

test('a rejection is shown in the words of Envoy, with the policies to blame, until the resource changes', async () => {
  const short = [{ targetRef: { kind: 'MeshService', name: 'backend' }, default: { connectionTimeout: '1s' } }];
  await cp.put({ type: 'MeshTimeout', mesh: 'default', name: 'short', spec: { to: short } });
  const session = await cp.sessions.open(nodeOf({ ...web, calls: ['backend'] }));
  await new Promise<void>((resolve) => session.onConfig(resolve));
  const cluster = session.config!.get(typeUrls.cluster)!.get('backend')!;
  session.sent(typeUrls.cluster, []);
  session.rejected(typeUrls.cluster, [cluster], 'no such luck', () => undefined);
  const insight = (await ofProxy())!;
  const names = ['mt_default_default__mesh-timeout-all-default', 'mt_default_default__short'];
  const origins = [...names, 'mcb_default_default__mesh-circuit-breaker-all-default'].map((name) => `kri_${name}_`);
  expect(insight.rejections).toMatchObject([{ typeUrl: typeUrls.cluster, name: 'backend', message: 'no such luck', origins }]);
  expect(insight.subscriptions![0]!.status!.total!.responsesRejected).toBe('1');
  // Sent in its place, what the peer had before is taken; the other one is still not.
  session.acknowledged(typeUrls.cluster, [{ ...cluster, version: 'before' }]);
  expect((await ofProxy())!.rejections).toHaveLength(1);
  expect(cp.insights.rejections).toBe(1);
  const changed = new Promise<void>((resolve) => session.onConfig(resolve));
  await connect({ name: 'backend-1', service: 'backend' });
  await changed;
  const [before, after] = [cluster.version, session.config!.get(typeUrls.cluster)!.get('backend')!.version];
  expect(before).not.toBe(after);
  expect((await ofProxy())!.rejections).toBeUndefined();
  // Envoy takes its time over clusters: this was of one that is history by now.
  session.rejected(typeUrls.cluster, [cluster], 'no such luck', () => undefined);
  expect(cp.insights.rejections).toBe(0);
});

test('totals follow proxies that come and go', async () => {
  await cp.put(dataplaneOf({ name: 'user-1', service: 'web' }));
  const proxy = await connect({ name: 'web-1', service: 'web' });
  await proxy.until(() => true);
  expect((await ofMesh())!.dataplanes).toEqual({ total: 2, online: 1, offline: 1, partiallyDegraded: 0 });
  expect((await ofServices())!.web).toMatchObject({
    status: 'partially_degraded',
    dataplanes: { total: 2, online: 1, offline: 1 },
    zones: ['default'],
  });
  const other = await connect({ name: 'user-1' });
  expect((await ofServices())!.web).toMatchObject({ status: 'online', dataplanes: { total: 2, online: 2, offline: 0 } });
  expect((await ofMesh())!.dpVersions!.envoy).toEqual({ '1.40.0': { total: 2, online: 2, offline: 0, partiallyDegraded: 0 } });
  proxy.close();
  other.close();
  expect((await ofServices())!.web).toMatchObject({ status: 'offline', dataplanes: { total: 2, online: 0, offline: 2 } });
  await cp.writer.delete({ type: 'Dataplane', mesh: 'default', name: 'user-1' });
  await cp.writer.delete({ type: 'Dataplane', mesh: 'default', name: 'web-1' });
  expect((await ofMesh())!.dataplanes).toMatchObject({ total: 0 });
  expect(await ofServices()).toEqual({});
  expect(await ofProxy()).toBeUndefined();
});

test('a proxy of which only some inbounds take traffic is degraded', async () => {
  const dataplane = dataplaneOf(web);
  const inbound = dataplane.spec.networking!.inbound!;
  await cp.put({
    ...dataplane,
    spec: {
      networking: { ...dataplane.spec.networking, inbound: [...inbound, { ...inbound[0], port: 8081, state: 'NotReady' }] },
    },
  });
  await connect({ name: 'web-1' });
  expect((await ofMesh())!.dataplanes).toEqual({ total: 1, online: 0, offline: 0, partiallyDegraded: 1 });
});

test('policies are counted by kind', async () => {
  const permission = { type: 'MeshTrafficPermission', mesh: 'default', name: 'all' };
  const spec = { from: [{ targetRef: { kind: 'Mesh' }, default: { action: 'Allow' } }] };
  const before = (await ofMesh())!.policies;
  await cp.put({ ...permission, spec });
  await cp.put({ ...permission, spec: { targetRef: { kind: 'Mesh' }, ...spec } });
  expect((await ofMesh())!.policies).toEqual({ ...before, MeshTrafficPermission: { total: 1 } });
  await cp.writer.delete(permission);
  expect((await ofMesh())!.policies).toEqual(before);
});

test('streams that a dead control plane left open are closed by the next one', async () => {
  await connect(web);
  await cp.insights.flush();
  cp.crash();
  cp = await startControlPlane({ store: cp.store, instanceId: 'cp-2' });
  expect((await ofProxy())!.subscriptions!.at(-1)!.disconnectTime).toBeDefined();
  expect((await ofMesh())!.dataplanes).toMatchObject({ total: 1, online: 0, offline: 1 });
  await connect(web);
  const insight = (await ofProxy())!;
  expect(insight.subscriptions!.map(({ controlPlaneInstanceId }) => controlPlaneInstanceId)).toEqual(['cp-1', 'cp-2']);
});

test('what was seen last is written when the control plane stops', async () => {
  const proxy = await connect(web);
  proxy.close();
  await cp.close();
  const row = await cp.store.insights.get({ type: 'DataplaneInsight', mesh: 'default', name: 'web-1' });
  expect((row!.spec as DataplaneInsight).subscriptions!.at(-1)!.disconnectTime).toBeDefined();
});

test('the insights of a mesh go with it', async () => {
  expect(await ofMesh()).toBeDefined();
  await cp.writer.delete({ type: 'Mesh', mesh: '', name: 'default' });
  expect(await ofMesh()).toBeUndefined();
  expect(await ofServices()).toBeUndefined();
});

test('who leads counts the proxies of others, even if the store could not be read at first', async () => {
  const { store } = cp;
  await cp.put(dataplaneOf(web));
  await cp.close();
  const listeners = new Set<() => void>();
  const cluster = {
    ...aloneCluster('cp-2'),
    shared: true,
    leading: false,
    onChange(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  cp = await startControlPlane({ store, cluster });
  const spec = { subscriptions: [{ version: { envoy: { version: '1.40.1' } } }] };
  const of = { type: 'DataplaneInsight', mesh: 'default', name: web.name };
  await store.insights.putMany([{ ...of, creationTime: '', modificationTime: '', spec }]);
  vi.spyOn(store.insights, 'list').mockRejectedValueOnce(new Error('the connection was closed'));
  cluster.leading = true;
  for (const listener of listeners) listener();
  await vi.waitFor(async () => expect(Object.keys((await ofMesh())!.dpVersions!.envoy!)).toEqual(['1.40.1']), 5000);
});
