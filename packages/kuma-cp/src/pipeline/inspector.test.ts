import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { createProxyInspector, type ProxyInspector } from './inspector.ts';
import { jsonDifference } from './json-difference.ts';
import { pool, startControlPlane, type TestControlPlane } from './testing/control-plane.ts';
import { dataplaneOf, TestProxy } from './testing/test-proxy.ts';

let cp: TestControlPlane;
let inspector: ProxyInspector;
beforeEach(async () => {
  cp = await startControlPlane();
  inspector = createProxyInspector(cp.pipeline, 'default');
  const mtls = { enabledBackend: 'ca-1', backends: [{ name: 'ca-1', type: 'builtin' }] };
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: { mtls } });
});
afterEach(() => cp.close());
afterAll(() => pool.close());

const web = { mesh: 'default', name: 'web-1' };

test('a connected proxy is shown as it is configured, without its key', async () => {
  const proxy = await TestProxy.connect(cp.sessions, { ...web, service: 'web' });
  await proxy.until(() => proxy.names('secret').length === 2);
  const { xds } = inspector.inspect(web)!;
  expect(Object.keys(xds[typeUrls.listener]!).sort()).toEqual(proxy.names('listener'));
  const secrets = JSON.stringify(xds[typeUrls.secret]);
  expect(secrets).toContain('identity_cert:secret:default');
  expect(secrets).toContain('[redacted]');
});

test('a proxy that is not connected is shown as well, one that does not exist is not', async () => {
  await cp.put(dataplaneOf({ ...web, service: 'web' }));
  expect(inspector.inspect(web)!.ir.listeners.map(({ name }) => name)).toContain('inbound:127.0.0.1:8080');
  expect(inspector.inspect({ ...web, name: 'nobody' })).toBeUndefined();
  expect(inspector.inspect({ ...web, mesh: 'nowhere' })).toBeUndefined();
});

test('a shadow policy is shown as a difference and changes nothing', async () => {
  const proxy = await TestProxy.connect(cp.sessions, { ...web, service: 'web' });
  await proxy.until(() => proxy.names('secret').length === 2);
  const before = proxy.config;
  await cp.put({
    type: 'MeshTrafficPermission',
    mesh: 'default',
    name: 'allow',
    labels: { 'kuma.io/effect': 'shadow' },
    spec: { from: [{ targetRef: { kind: 'Mesh' }, default: { action: 'Allow' } }] },
  });
  expect(inspector.inspect(web, { diff: true })!.diff).toEqual([]);
  const { diff } = inspector.inspect(web, { shadow: true, diff: true })!;
  expect(diff!.length).toBeGreaterThan(0);
  for (const { path } of diff!) expect(path).toContain(typeUrls.route.replaceAll('/', '~1'));
  expect(proxy.config === before).toBe(true);
});

test('a difference says what was added, removed and replaced, with escaped paths', () => {
  expect(jsonDifference({ a: 1, 'b/c': { d: 1, e: [1] }, f: 1 }, { a: 1, 'b/c': { d: 2, e: [1] }, g: 1 })).toEqual([
    { op: 'replace', path: '/b~1c/d', value: 2 },
    { op: 'remove', path: '/f' },
    { op: 'add', path: '/g', value: 1 },
  ]);
});
