import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pool, startControlPlane, type TestControlPlane } from '../sessions/testing/control-plane.ts';
import { TestProxy, type TestProxyOptions } from '../sessions/testing/test-proxy.ts';

let cp: TestControlPlane;
beforeEach(async () => {
  cp = await startControlPlane();
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: {} });
});
afterEach(() => cp.close());
afterAll(() => pool.close());

const connect = (options: TestProxyOptions) => TestProxy.connect(cp.sessions, options);
const mtls = { enabledBackend: 'ca-1', backends: [{ name: 'ca-1', type: 'builtin' }] };

const allow = (service: string) => ({
  type: 'MeshTrafficPermission',
  mesh: 'default',
  name: 'allow-web',
  spec: {
    targetRef: { kind: 'MeshSubset', tags: { 'kuma.io/service': service } },
    from: [{ targetRef: { kind: 'Mesh' }, default: { action: 'Allow' } }],
  },
});

test('a proxy gets a configuration with the endpoints of the services that it calls', async () => {
  const web = await connect({ name: 'web-1', service: 'web', calls: ['backend'] });
  await web.until(() => web.names('cluster').includes('backend'));
  expect(web.endpoints('backend')).toEqual([]);
  await connect({ name: 'backend-1', service: 'backend', port: 8081 });
  await web.until(() => web.endpoints('backend').length === 1);
  expect(web.endpoints('backend')).toEqual(['127.0.0.1:8081']);
});

test('a change of endpoints replaces one load assignment of the callers and nothing else', async () => {
  const [web, other] = await Promise.all([
    connect({ name: 'web-1', service: 'web', calls: ['backend', 'cache'] }),
    connect({ name: 'other-1', service: 'other', calls: ['cache'] }),
  ]);
  await connect({ name: 'backend-1', service: 'backend', port: 8081 });
  await Promise.all([web.until(() => web.endpoints('backend').length === 1), other.until(() => true)]);
  const [before, othersBefore, cache] = [web.config!, other.config, web.resource('endpoints', 'cache')];
  await connect({ name: 'backend-2', service: 'backend', port: 8082 });
  await web.until(() => web.endpoints('backend').length === 2);
  for (const type of ['cluster', 'listener', 'route', 'secret'] as const)
    expect(web.config!.get(typeUrls[type]) === before.get(typeUrls[type]), type).toBe(true);
  expect(web.resource('endpoints', 'cache')).toBe(cache);
  expect(other.config === othersBefore).toBe(true);
});

test('a permission reaches the proxies that it selects and no others', async () => {
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: { mtls } });
  const [web, backend] = await Promise.all([
    connect({ name: 'web-1', service: 'web', calls: ['backend'] }),
    connect({ name: 'backend-1', service: 'backend', port: 8081 }),
  ]);
  await Promise.all([web, backend].map((proxy) => proxy.until(() => proxy.names('secret').length === 2)));
  const [webBefore, backendBefore] = [web.config, backend.json('route')];
  await cp.put(allow('backend'));
  await backend.until(() => backend.json('route') !== backendBefore);
  expect(backend.json('route')).toContain('"principals":[{"any":true}]');
  expect(web.config === webBefore).toBe(true);
  await cp.writer.delete({ type: 'MeshTrafficPermission', mesh: 'default', name: 'allow-web' });
  await backend.until(() => backend.json('route') === backendBefore);
});

test('a write that shapes no proxy is not published', async () => {
  await connect({ name: 'backend-1', service: 'backend', port: 8081 });
  const web = await connect({ name: 'web-1', service: 'web', calls: ['backend'] });
  await web.until(() => true);
  const before = web.config;
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: { constraints: {} } });
  await cp.put({ type: 'Secret', mesh: 'default', name: 'some', spec: { data: 'YQ==' } });
  // The next change that does matter comes after the two.
  await connect({ name: 'backend-2', service: 'backend', port: 8082 });
  await web.until(() => web.endpoints('backend').length === 2);
  expect(web.updates).toBeLessThanOrEqual(2);
  expect(web.config!.get(typeUrls.listener) === before!.get(typeUrls.listener)).toBe(true);
});

test('meshes do not see each other', async () => {
  await cp.put({ type: 'Mesh', mesh: '', name: 'other', spec: { mtls } });
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: { mtls } });
  const [web, foreign] = await Promise.all([
    connect({ name: 'web-1', service: 'web', calls: ['backend'] }),
    connect({ mesh: 'other', name: 'backend-1', service: 'backend', port: 8081 }),
  ]);
  await Promise.all([web, foreign].map((proxy) => proxy.until(() => proxy.names('secret').length === 2)));
  await connect({ name: 'backend-2', service: 'backend', port: 8082 });
  await web.until(() => web.endpoints('backend').length > 0);
  expect(web.endpoints('backend')).toEqual(['127.0.0.1:8082']);
  const roots = (proxy: TestProxy, mesh: string) => proxy.resource('secret', `mesh_ca:secret:${mesh}`)!.version;
  expect(roots(web, 'default')).not.toBe(roots(foreign, 'other'));
});

test('a proxy of a mesh without a usable authority is configured as soon as there is one', async () => {
  await cp.store.write([
    {
      op: 'update',
      draft: { type: 'Mesh', mesh: '', name: 'default', labels: {}, spec: { mtls } },
      expected: (await cp.store.get({ type: 'Mesh', mesh: '', name: 'default' }))!.revision,
    },
  ]);
  const web = await connect({ name: 'web-1', service: 'web' });
  const configured = web.until(() => web.names('secret').length === 2);
  await cp.writer.put({ type: 'Mesh', mesh: '', name: 'default', labels: {}, spec: { mtls, routing: {} } });
  await configured;
});

test('a proxy that left is not kept', async () => {
  const web = await connect({ name: 'web-1', service: 'web', calls: ['backend'] });
  await web.until(() => true);
  web.close();
  expect(cp.pipeline.connected({ mesh: 'default', name: 'web-1' })).toBeUndefined();
});

test('a proxy whose Dataplane is deleted keeps its configuration', async () => {
  const web = await connect({ name: 'web-1', service: 'web', calls: ['backend'] });
  await web.until(() => true);
  const before = web.config;
  await cp.writer.delete({ type: 'Dataplane', mesh: 'default', name: 'web-1' });
  const backend = await connect({ name: 'backend-1', service: 'backend', calls: ['web'] });
  await backend.until(() => true);
  expect(backend.endpoints('web')).toEqual([]);
  expect(web.config === before).toBe(true);
});

describe('a permission that is taken back', () => {
  let backend: TestProxy;
  const inbound = () => backend.resource('listener', backend.names('listener').find((name) => name.startsWith('inbound'))!)!;

  beforeEach(async () => {
    await cp.close();
    cp = await startControlPlane({ takenBackSeenToAfter: { least: 50, most: 50 } });
    await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: { mtls } });
    backend = await connect({ name: 'backend-1', service: 'backend', port: 8081 });
    await backend.until(() => backend.names('secret').length === 2);
  });

  test('has the listener renewed somewhat later; one that is granted has not', async () => {
    const [before, denied] = [inbound(), backend.json('route')];
    await cp.put(allow('backend'));
    await backend.until(() => backend.json('route') !== denied);
    await cp.writer.delete({ type: 'MeshTrafficPermission', mesh: 'default', name: 'allow-web' });
    await backend.until(() => backend.json('route') === denied);
    expect(inbound()).toBe(before);
    await backend.until(() => inbound() !== before);
    expect(inbound().version).toBe(before.version);
    expect(backend.json('listener')).toContain(inbound().renewal!);
  });

  test('may be among what a proxy brings along from elsewhere', async () => {
    const before = inbound();
    backend.session.sent(typeUrls.route, backend.names('route'));
    await backend.until(() => inbound().renewal !== before.renewal);
  });
});
