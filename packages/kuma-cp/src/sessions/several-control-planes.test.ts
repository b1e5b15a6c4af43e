import { X509Certificate } from 'node:crypto';
import type { DataplaneInsight, MeshInsight } from '@kuma-mesh/core-model/generated/types/kuma/insights.ts';
import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { PostgresServer } from '../../../../tools/fixtures/postgres.ts';
import { SharedCluster } from '../cluster/shared-cluster.ts';
import { fingerprint } from '../identity/authority.ts';
import { Conductor } from '../identity/conductor.ts';
import { certificateSecret, keySecret, secretText } from '../identity/secret-names.ts';
import { sharedTrustKey } from '../identity/shared-trust.ts';
import { handshake } from '../identity/test-tls.ts';
import type { SharedTrust } from '../identity/trust.ts';
import { registrationKey } from '../lifecycle/registrations.ts';
import { materialOf } from '../pipeline/encoded-secrets.ts';
import { openPostgresStore } from '../store/postgres/postgres-store.ts';
import { testOptions } from '../store/postgres/testing/options.ts';
import type { ResourceStore } from '../store/store.ts';
import { pool, startControlPlane, type TestControlPlane, type TestControlPlaneOptions } from './testing/control-plane.ts';
import { dataplaneOf, TestProxy, type TestProxyOptions } from './testing/test-proxy.ts';

const log = pino({ level: 'silent' });
const delay = 500;

interface Instance extends TestControlPlane {
  readonly id: string;
  readonly cluster: SharedCluster;
  readonly store: ResourceStore;
  /** Ends as a process does that is killed: it says no goodbye to anyone. */
  die(): Promise<void>;
}

let server: PostgresServer;
let database: string;
const instances = new Map<string, Instance>();
let started = 0;

beforeAll(async () => {
  server = await PostgresServer.start();
}, 60_000);
afterAll(async () => {
  pool.close();
  await server?.dispose();
}, 60_000);
beforeEach(async () => {
  database = await server.createDatabase();
});
afterEach(async () => {
  for (const instance of [...instances.values()]) await instance.die();
});

interface StartOptions extends Pick<TestControlPlaneOptions, 'insightsFlushInterval'> {
  readonly conductorInterval?: number;
}

async function start({ conductorInterval = 50, ...options }: StartOptions = {}): Promise<Instance> {
  const id = `cp-${++started}`;
  const postgres = testOptions(server, database, { connectionTimeout: 5000 });
  const store = await openPostgresStore({ postgres, instanceId: id, log });
  const cluster = new SharedCluster(id, log);
  const aliveElsewhere = async (other: { readonly id: string }, proxy: { readonly mesh: string; readonly name: string }) =>
    instances.get(other.id)?.lifecycle.alive(proxy) ?? false;
  const cp = await startControlPlane({ store, cluster, instanceId: id, deregistrationDelay: delay, aliveElsewhere, ...options });
  const conductor = new Conductor({
    store,
    cluster,
    meshes: () => cp.identity.meshes,
    onTrustChanged: (listener) => cp.identity.onTrustChanged(listener),
    ask: async (other, mesh) => instances.get(other.id)?.identity.trustReport(mesh),
    log,
    interval: conductorInterval,
  });
  const instance: Instance = {
    ...cp,
    id,
    cluster,
    store,
    async die() {
      instances.delete(id);
      conductor.close();
      cp.crash();
      await store.close();
    },
  };
  instances.set(id, instance);
  await cluster.join(store, { address: '127.0.0.1', port: 1 });
  return instance;
}

/** Two that know each other; the first leads. */
async function startTwo(options: Parameters<typeof start>[0] = {}): Promise<[Instance, Instance]> {
  const a = await start(options);
  await vi.waitFor(() => expect(a.cluster.leading).toBe(true), 10_000);
  const b = await start(options);
  await vi.waitFor(() => expect([a.cluster.instances.size, b.cluster.instances.size]).toEqual([2, 2]), 10_000);
  await a.put({ type: 'Mesh', mesh: '', name: 'default', spec: {} });
  await vi.waitFor(() => expect(b.pipeline.snapshot('default')).toBeDefined());
  return [a, b];
}

const connect = (instance: Instance, options: TestProxyOptions) => TestProxy.connect(instance.sessions, options);
const web = { name: 'web-1', service: 'web' };
const key = { type: 'Dataplane', mesh: 'default', name: 'web-1' };
const proxyKey = { mesh: 'default', name: 'web-1' };

test('a proxy sees endpoints that came by way of another control plane, and loses them when they go', async () => {
  const [a, b] = await startTwo();
  const caller = await connect(a, { name: 'caller-1', service: 'caller', calls: ['web'] });
  const proxy = await connect(b, web);
  await caller.until(() => caller.endpoints('web').length === 1);
  proxy.close();
  await caller.until(() => caller.endpoints('web').length === 0);
  expect(await a.store.get(key)).toBeUndefined();
});

test('a proxy that moves keeps its Dataplane, whenever its first stream ends', async () => {
  const [a, b] = await startTwo();
  const first = await connect(a, { ...web, alive: async () => false });
  const [before] = await a.dataplanes('default');
  await connect(b, web);
  first.close();
  expect(await b.lifecycle.alive(proxyKey)).toBe(true);
  await vi.waitFor(() => expect(a.lifecycle.instanceOf(proxyKey)?.id).toBe(b.id));
  // Another proxy that goes at the same time shows that the delay is over.
  (await connect(a, { name: 'other-1', service: 'other' })).close();
  await vi.waitFor(async () => expect(await b.dataplanes('default')).toEqual([before]), 10_000);
});

test('a second stream of a live proxy is refused by every control plane', async () => {
  const [a, b] = await startTwo();
  await connect(a, { ...web, alive: async () => true });
  await vi.waitFor(() => expect(b.lifecycle.instanceOf(proxyKey)?.id).toBe(a.id));
  await expect(connect(b, { ...web, port: 9999 })).rejects.toThrow(/connected already/);
  expect(JSON.stringify(await b.dataplanes('default'))).not.toContain('9999');
});

test('a goodbye may be said to any of them', async () => {
  const [a, b] = await startTwo();
  const proxy = await connect(a, web);
  await vi.waitFor(async () => expect(await b.store.get(key)).toBeDefined());
  expect(await b.sessions.drain({ ...proxyKey, token: undefined })).toBe(true);
  expect(JSON.stringify((await b.store.get(key))!.spec)).toContain('NotReady');
  await vi.waitFor(async () => expect(JSON.stringify((await a.store.get(key))?.spec)).toContain('NotReady'));
  proxy.close();
  await vi.waitFor(async () => expect(await b.store.get(key)).toBeUndefined(), 10_000);
});

test('proxies of a control plane that died are waited for, and given up by the leader', async () => {
  const [a, b] = await startTwo();
  await a.put(dataplaneOf({ name: 'user-1', service: 'user' }));
  await vi.waitFor(async () => expect(await b.store.get({ ...key, name: 'user-1' })).toBeDefined());
  await Promise.all([connect(b, web), connect(b, { name: 'web-2', service: 'web' }), connect(b, { name: 'user-1' })]);
  await b.insights.flush();
  await b.die();
  await connect(a, { name: 'web-2', service: 'web' });
  const names = async () => (await a.dataplanes('default')).map(({ name }) => name);
  await vi.waitFor(async () => expect(await names()).toEqual(['user-1', 'web-2']), 20_000);
  const insightOf = async (name: string) =>
    (await a.insights.get({ type: 'DataplaneInsight', mesh: 'default', name }))?.spec as DataplaneInsight;
  await vi.waitFor(async () => expect((await insightOf('user-1')).subscriptions!.at(-1)!.disconnectTime).toBeDefined(), 10_000);
  expect((await insightOf('web-2')).subscriptions!.at(-1)).toMatchObject({ controlPlaneInstanceId: a.id });
  expect((await insightOf('web-2')).subscriptions!.at(-1)!.disconnectTime).toBeUndefined();
}, 60_000);

test('a proxy that comes from a control plane that died is served although the disk of the database is full', async () => {
  const [a, b] = await startTwo();
  await connect(b, web);
  await vi.waitFor(() => expect(a.lifecycle.instanceOf(proxyKey)?.id).toBe(b.id));
  await server.query(
    database,
    `create function refuse() returns trigger language plpgsql as $$
       begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$;
     create trigger full_disk before insert or update on resources execute function refuse()`,
  );
  await b.die();
  await connect(a, web);
  await expect(connect(a, { name: 'new-1', service: 'new' })).rejects.toThrow('no room left');
  await server.query(database, 'drop trigger full_disk on resources');
  await vi.waitFor(() => expect(a.lifecycle.instanceOf(proxyKey)?.id).toBe(a.id), 10_000);
});

test('a proxy that was given up though it is connected, as its control plane stood still, is back', async () => {
  const [a, b] = await startTwo();
  const caller = await connect(a, { name: 'caller-1', service: 'caller', calls: ['web'] });
  const proxy = await connect(b, web);
  await caller.until(() => caller.endpoints('web').length === 1);
  await a.store.write([
    { op: 'delete', key: registrationKey(proxyKey) },
    { op: 'delete', key },
  ]);
  await caller.until(() => caller.endpoints('web').length === 0);
  await caller.until(() => caller.endpoints('web').length === 1);
  await vi.waitFor(() => expect(a.lifecycle.instanceOf(proxyKey)?.id).toBe(b.id), 10_000);
  proxy.close();
  await caller.until(() => caller.endpoints('web').length === 0);
});

test('what is seen of proxies is the same everywhere, and the leader counts them all', async () => {
  const [a, b] = await startTwo();
  await Promise.all([connect(a, web), connect(b, { name: 'web-2', service: 'web' })]);
  const total = async (instance: Instance) =>
    ((await instance.insights.get({ type: 'MeshInsight', mesh: '', name: 'default' }))?.spec as MeshInsight | undefined)
      ?.dataplanes;
  for (const instance of [a, b])
    await vi.waitFor(async () => expect(await total(instance)).toMatchObject({ total: 2, online: 2 }), 10_000);
  await a.die();
  await vi.waitFor(() => expect(b.cluster.leading).toBe(true), 10_000);
  await vi.waitFor(async () => expect(await total(b)).toMatchObject({ total: 1, online: 1 }), 20_000);
}, 60_000);

test('every control plane soon tells what a proxy refuses, and when it does no more, however rarely counts are written', async () => {
  const [a, b] = await startTwo({ insightsFlushInterval: 600_000 });
  const { session } = await connect(b, { ...web, calls: ['web'] });
  const told = async () => {
    const insight = await a.insights.get({ type: 'DataplaneInsight', ...proxyKey });
    return (insight?.spec as DataplaneInsight | undefined)?.rejections?.map(({ message }) => message);
  };
  await vi.waitFor(() => expect(session.config?.get(typeUrls.cluster)?.has('web')).toBe(true), 10_000);
  const cluster = session.config!.get(typeUrls.cluster)!.get('web')!;
  session.rejected(typeUrls.cluster, [cluster], 'no such luck', () => undefined);
  await vi.waitFor(async () => expect(await told()).toEqual(['no such luck']), 10_000);
  session.acknowledged(typeUrls.cluster, [cluster]);
  await vi.waitFor(async () => expect(await told()).toBeUndefined(), 10_000);
});

test('registrations and agreements between control planes are nothing that a mesh holds', async () => {
  const [a] = await startTwo();
  await connect(a, web);
  await a.insights.flush();
  const insight = (await a.insights.get({ type: 'MeshInsight', mesh: '', name: 'default' }))!.spec as MeshInsight;
  expect(Object.keys(insight.resources!).sort()).toEqual([
    'Dataplane',
    'MeshCircuitBreaker',
    'MeshRetry',
    'MeshTimeout',
    'Secret',
  ]);
});

test('authorities change places for all proxies without a failed handshake', async () => {
  const [a, b] = await startTwo();
  const mesh = (enabledBackend: string) => ({
    type: 'Mesh',
    mesh: '',
    name: 'default',
    spec: {
      mtls: { enabledBackend, skipValidation: true, backends: ['ca-1', 'ca-2'].map((name) => ({ name, type: 'builtin' })) },
    },
  });
  await a.put(mesh('ca-1'));
  await vi.waitFor(() => expect(b.pipeline.snapshot('default')?.resource?.spec.mtls).toBeDefined());
  const proxies = [await connect(a, web), await connect(b, { name: 'api-1', service: 'api' })] as const;
  const [ours, theirs] = proxies;
  for (const proxy of proxies) await proxy.until(() => proxy.names('secret').length === 2);
  theirs.stalled = true;
  const old = held(theirs);
  await a.put(mesh('ca-2'));
  for (const proxy of proxies) await proxy.until(() => rootsOf(proxy) === 2);
  // One proxy of the other control plane has not taken the new root: nobody may show what it would refuse.
  expect(proxies.map(backendOf)).toEqual(['ca-1', 'ca-1']);
  await handshake(held(ours), old);
  await handshake(old, held(ours));
  theirs.stalled = false;
  theirs.accept();
  for (const proxy of proxies) await proxy.until(() => backendOf(proxy) === 'ca-2' && rootsOf(proxy) === 1);
  await handshake(held(ours), held(theirs));
  await handshake(held(theirs), held(ours));
}, 60_000);

test('an authority that takes the place of another before any proxy came signs for the first of them', async () => {
  const [a, b] = await startTwo({ conductorInterval: 3600_000 });
  const meshOf = (name: string) => ({
    type: 'Mesh',
    mesh: '',
    name,
    spec: { mtls: { enabledBackend: 'ca-1', backends: [{ name: 'ca-1', type: 'builtin' }] } },
  });
  for (const name of ['default', 'imported']) await a.put(meshOf(name));
  const issuing = async () => ((await b.store.get(sharedTrustKey('default')))?.spec as SharedTrust | undefined)?.issuing;
  await vi.waitFor(async () => expect(await issuing()).toBeDefined(), 5000);
  for (const secretOf of [certificateSecret, keySecret]) {
    const { spec } = (await a.store.get(secretOf('imported', 'ca-1')))!;
    await a.put({ ...secretOf('default', 'ca-1'), spec });
  }
  const imported = secretText(await a.store.get(certificateSecret('imported', 'ca-1')))!;
  await vi.waitFor(async () => expect(await issuing()).toBe(fingerprint(imported)), 5000);
  const proxy = await connect(b, web);
  await proxy.until(() => proxy.names('secret').length === 2);
  const { identity } = held(proxy);
  expect(new X509Certificate(identity.certificateChain).verify(new X509Certificate(imported).publicKey)).toBe(true);
});

function held(proxy: TestProxy) {
  const [identity, ca] = ['identity_cert:secret:default', 'mesh_ca:secret:default'].map((name) =>
    materialOf(proxy.resource('secret', name)!),
  );
  if (identity?.kind !== 'identity' || ca?.kind !== 'ca') throw new Error('the proxy has no secrets');
  return { identity, roots: ca.roots };
}

const rootsOf = (proxy: TestProxy) => held(proxy).roots.match(/BEGIN CERTIFICATE/g)!.length;
const backendOf = (proxy: TestProxy) => held(proxy).identity.backend;
