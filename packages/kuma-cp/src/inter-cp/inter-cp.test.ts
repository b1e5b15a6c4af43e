import { type ConnectionOptions, connect } from 'node:tls';
import { pino } from 'pino';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { createEnvoyAdmin } from '../api/inspection/envoy-admin.ts';
import { ensureEnvoyAdminKeys } from '../defaults/envoy-admin-keys.ts';
import { pool, startControlPlane, type TestControlPlane } from '../sessions/testing/control-plane.ts';
import { TestProxy } from '../sessions/testing/test-proxy.ts';
import { makeServerCertificate } from '../tls/make-server-certificate.ts';
import { createInterCpClient, type InterCpClient } from './inter-cp-client.ts';
import { createInterCpKeys, type InterCpKeys } from './inter-cp-keys.ts';
import { type InterCpServer, startInterCpServer } from './inter-cp-server.ts';

let cp: TestControlPlane;
let keys: InterCpKeys;
let server: InterCpServer;
let client: InterCpClient;

beforeEach(async () => {
  cp = await startControlPlane();
  await cp.put({
    type: 'Mesh',
    mesh: '',
    name: 'default',
    spec: { mtls: { enabledBackend: 'ca-1', backends: [{ name: 'ca-1', type: 'builtin' }] } },
  });
  keys = await createInterCpKeys(cp.store, pool, 'cp-1');
  server = await startInterCpServer({
    port: 0,
    keys,
    meshes: cp.pipeline,
    askEnvoy: createEnvoyAdmin(await ensureEnvoyAdminKeys(cp.store, pool)),
    zone: 'default',
    alive: (proxy) => cp.lifecycle.alive(proxy),
    trust: (mesh) => cp.identity.trustReport(mesh),
    log: pino({ level: 'silent' }),
  });
  client = createInterCpClient(await createInterCpKeys(cp.store, pool, 'cp-2'));
});
afterEach(async () => {
  client.close();
  await server.close();
  await cp.close();
});
afterAll(() => pool.close());

const here = () => ({ id: 'cp-1', address: '127.0.0.1', port: server.port });
const web = { name: 'web-1', service: 'web' };

test('a control plane is told of the proxies that another one serves', async () => {
  let answers = true;
  const proxy = await TestProxy.connect(cp.sessions, { ...web, alive: async () => answers });
  await proxy.until(() => proxy.names('secret').length === 2);
  expect(await client.alive(here(), { mesh: 'default', name: 'web-1' })).toBe(true);
  answers = false;
  expect(await client.alive(here(), { mesh: 'default', name: 'web-1' })).toBe(false);
  expect(await client.alive(here(), { mesh: 'default', name: 'nobody' })).toBe(false);

  const config = await client.get(here(), '/meshes/default/dataplanes/web-1/_config');
  expect(config).toMatchObject({ status: 200, contentType: expect.stringContaining('application/json') });
  expect(config.body).toContain('identity_cert:secret:default');
  expect(config.body).not.toContain('PRIVATE KEY');
  expect((await client.get(here(), '/meshes/default/dataplanes/nobody/stats')).status).toBe(404);
  expect((await client.get(here(), '/meshes/default/dataplanes/web-1/stats')).status).toBe(500);

  expect(await client.trust(here(), 'default')).toMatchObject({ ready: true, roots: expect.any(String) });
  expect(await client.trust(here(), 'nowhere')).toBeUndefined();
});

test('one that is not there is not waited for', async () => {
  const nowhere = { ...here(), port: 1 };
  expect(await client.alive(nowhere, { mesh: 'default', name: 'web-1' })).toBe(false);
  expect(await client.trust(nowhere, 'default')).toBeUndefined();
  await expect(client.get(nowhere, '/')).rejects.toThrow('ECONNREFUSED');
});

test('nobody comes in without a certificate of the authority that control planes share', async () => {
  const stranger = await makeServerCertificate({ dnsNames: ['localhost'], addresses: [] });
  const outcome = async (options: ConnectionOptions) => {
    const socket = connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
    socket.on('secureConnect', () => socket.write('GET /meshes/default/trust HTTP/1.1\r\nhost: x\r\n\r\n'));
    return new Promise<string>((resolve) => {
      socket.once('data', (data) => resolve(String(data).split('\r\n')[0]!));
      socket.once('error', () => resolve('cut off'));
      socket.once('close', () => resolve('cut off'));
    });
  };
  expect(await outcome({})).toBe('cut off');
  expect(await outcome({ cert: stranger.cert, key: stranger.key })).toBe('cut off');
  expect(await outcome({ cert: keys.certificate, key: keys.key })).toBe('HTTP/1.1 200 OK');
});
