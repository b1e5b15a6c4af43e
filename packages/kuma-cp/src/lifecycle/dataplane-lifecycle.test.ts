import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { VerifyDataplaneToken } from '../auth/dataplane-token.ts';
import { pool, startControlPlane, type TestControlPlane } from '../sessions/testing/control-plane.ts';
import { dataplaneOf, TestProxy, type TestProxyOptions } from '../sessions/testing/test-proxy.ts';
import { SessionRefused } from '../stream/session.ts';

let cp: TestControlPlane;
const delay = 10_000;
const verifyToken: VerifyDataplaneToken = async (token) =>
  token === 'wrong' ? { ok: false, reason: 'the token is wrong' } : { ok: true };
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], shouldAdvanceTime: true });
  cp = await startControlPlane({ deregistrationDelay: delay, verifyToken });
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: {} });
});
afterEach(async () => {
  vi.useRealTimers();
  await cp.close();
});
afterAll(() => pool.close());

const connect = (options: TestProxyOptions) => TestProxy.connect(cp.sessions, options);
const names = async () => (await cp.dataplanes('default')).map(({ name }) => name);
/** Whether the proxy has a Dataplane after all that has come to it until now: what nobody may do to it is asked for in its turn. */
const isThere = async (name: string) => {
  const outcome = await cp.lifecycle.drain({ mesh: 'default', name, token: 'wrong' });
  return !outcome.ok && outcome.code === 'forbidden';
};
const web = { name: 'web-1', service: 'web' };

test('a Dataplane comes with its stream, labelled and in its zone', async () => {
  await connect(web);
  const [dataplane] = await cp.dataplanes('default');
  expect(dataplane!.labels).toMatchObject({ 'kuma.io/proxy-type': 'sidecar', 'kuma.io/zone': 'default' });
  expect(JSON.stringify(dataplane!.spec)).toContain('"kuma.io/zone":"default"');
});

test('it goes when the stream has been gone for the delay, and not before', async () => {
  const proxy = await connect(web);
  proxy.close();
  vi.advanceTimersByTime(delay - 100);
  expect(await isThere('web-1')).toBe(true);
  vi.advanceTimersByTime(200);
  expect(await isThere('web-1')).toBe(false);
});

test('a proxy that comes back in time keeps its Dataplane', async () => {
  (await connect(web)).close();
  const [before] = await cp.dataplanes('default');
  vi.advanceTimersByTime(delay - 100);
  await connect(web);
  vi.advanceTimersByTime(10 * delay);
  expect(await isThere('web-1')).toBe(true);
  expect(await cp.dataplanes('default')).toEqual([before]);
});

test('a proxy that comes back with another Dataplane replaces it', async () => {
  (await connect(web)).close();
  await connect({ ...web, port: 9999 });
  expect(JSON.stringify(await cp.dataplanes('default'))).toContain('9999');
});

test('a Dataplane that a user created stays when its proxy goes, unless that had brought it as well', async () => {
  await cp.put(dataplaneOf(web));
  (await connect({ name: 'web-1' })).close();
  vi.advanceTimersByTime(2 * delay);
  expect(await isThere('web-1')).toBe(true);
  (await connect(web)).close();
  vi.advanceTimersByTime(2 * delay);
  expect(await isThere('web-1')).toBe(false);
});

test('a Dataplane that a user deletes and creates again goes with the proxy that had brought it', async () => {
  const proxy = await connect(web);
  await cp.store.write([{ op: 'delete', key: dataplaneOf(web) }]);
  expect(await isThere('web-1')).toBe(false);
  await cp.put(dataplaneOf(web));
  proxy.close();
  vi.advanceTimersByTime(2 * delay);
  expect(await isThere('web-1')).toBe(false);
});

test('a proxy without a Dataplane is told what to do', async () => {
  await expect(connect({ name: 'web-1' })).rejects.toThrow(/does not exist in mesh "default".*--dataplane-file/);
});

test('an invalid Dataplane is refused with every problem, and so is one that the mesh does not admit', async () => {
  await expect(connect({ ...web, port: 99_999, tags: { 'kuma.io/protocol': 'carrier-pigeon' } })).rejects.toThrow(
    /networking.inbound\[0\].port.*networking.inbound\[0\].tags/,
  );
  const constraints = { dataplaneProxy: { requirements: [{ tags: { team: '*' } }] } };
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: { constraints } });
  await expect(connect(web)).rejects.toThrow(/constraints.dataplaneProxy.requirements/);
  expect(await names()).toEqual([]);
  await connect({ ...web, tags: { team: 'a' } });
});

test('a proxy of a mesh that does not exist is refused', async () => {
  await expect(connect({ ...web, mesh: 'nowhere' })).rejects.toThrow(SessionRefused);
});

test('a second stream of a live proxy is refused and leaves the first alone', async () => {
  const first = await connect({ ...web, alive: async () => true });
  await first.until(() => true);
  await expect(connect({ ...web, port: 9999 })).rejects.toThrow(/connected already/);
  expect(JSON.stringify(await cp.dataplanes('default'))).not.toContain('9999');
  expect(cp.pipeline.connected({ mesh: 'default', name: 'web-1' })?.config).toBe(first.config);
});

test('a dead first stream yields, and its late end does not touch the second', async () => {
  const first = await connect({ ...web, alive: async () => false });
  const second = await connect({ ...web, port: 9999, alive: async () => true });
  first.close();
  vi.advanceTimersByTime(2 * delay);
  expect(await isThere('web-1')).toBe(true);
  const caller = await connect({ name: 'caller-1', service: 'caller', calls: ['web'] });
  await caller.until(() => caller.endpoints('web').length > 0);
  expect(caller.endpoints('web')).toEqual(['127.0.0.1:9999']);
  expect(cp.pipeline.connected({ mesh: 'default', name: 'web-1' })?.config).toBe(second.config);
});

test('a draining proxy leaves every load assignment at once and keeps its own configuration', async () => {
  const [proxy, caller] = await Promise.all([
    connect({ ...web, calls: ['other'] }),
    connect({ name: 'caller-1', service: 'caller', calls: ['web'] }),
  ]);
  await caller.until(() => caller.endpoints('web').length === 1);
  const listeners = proxy.names('listener');
  expect(await cp.sessions.drain({ mesh: 'default', name: 'web-1', token: undefined })).toBe(true);
  await caller.until(() => caller.endpoints('web').length === 0);
  expect(proxy.names('listener')).toEqual(listeners);
  // It still learns where the services are that it calls.
  await connect({ name: 'other-1', service: 'other', port: 8082 });
  await proxy.until(() => proxy.endpoints('other').length === 1);
  proxy.close();
  expect(await isThere('web-1')).toBe(false);
});

test("a user's Dataplane takes traffic again when its drained proxy comes back", async () => {
  await cp.put(dataplaneOf(web));
  const proxy = await connect({ name: 'web-1' });
  const caller = await connect({ name: 'caller-1', service: 'caller', calls: ['web'] });
  await caller.until(() => caller.endpoints('web').length === 1);
  await cp.sessions.drain({ mesh: 'default', name: 'web-1', token: undefined });
  await caller.until(() => caller.endpoints('web').length === 0);
  proxy.close();
  await connect({ name: 'web-1' });
  await caller.until(() => caller.endpoints('web').length === 1);
});

test('nobody drains a proxy with a wrong token, or one that is not there', async () => {
  await expect(connect({ ...web, token: 'wrong' })).rejects.toThrow('the token is wrong');
  await connect({ ...web, token: 'right' });
  await expect(cp.sessions.drain({ mesh: 'default', name: 'web-1', token: 'wrong' })).rejects.toThrow('the token is wrong');
  expect(await cp.sessions.drain({ mesh: 'default', name: 'nobody', token: 'right' })).toBe(false);
});

test('proxies that died while no control plane ran are removed by the next one, the others stay', async () => {
  await cp.put(dataplaneOf({ name: 'user-1', service: 'user' }));
  await Promise.all([connect(web), connect({ name: 'web-2', service: 'web' })]);
  cp.crash();
  vi.advanceTimersByTime(10 * delay);
  cp = await startControlPlane({ store: cp.store, deregistrationDelay: delay, instanceId: 'cp-2', verifyToken });
  expect(await names()).toEqual(['user-1', 'web-1', 'web-2']);
  await connect(web);
  vi.advanceTimersByTime(delay + 100);
  expect(await Promise.all(['user-1', 'web-1', 'web-2'].map(isThere))).toEqual([true, true, false]);
});

test('fifty proxies that come, go, crash and drain in any order end in the right state', async () => {
  const random = seeded(7);
  const all = Array.from({ length: 50 }, (_, index) => `web-${index}`);
  const caller = await connect({ name: 'caller-1', service: 'caller', calls: ['web'] });
  const live = new Map<string, TestProxy>();
  const dead = new Set<string>();
  const once = async (name: string) => {
    const proxy = live.get(name);
    if (proxy === undefined) {
      const port = 10_000 + Number(name.slice(4));
      live.set(name, await connect({ name, service: 'web', port, alive: async () => !dead.has(name) }));
      dead.delete(name);
    } else if (random() < 0.2) {
      // A broken connection: its successor is there before the control plane hears that the first is gone.
      dead.add(name);
      live.delete(name);
      const late = Math.floor(random() * 3000);
      setTimeout(() => proxy.close(), late);
    } else {
      if (random() < 0.4) await cp.sessions.drain({ mesh: 'default', name, token: undefined });
      live.delete(name);
      proxy.close();
    }
  };
  for (let round = 0; round < 12; round++) {
    await Promise.all(all.filter(() => random() < 0.5).map(once));
    vi.advanceTimersByTime(Math.floor(random() * 6000));
  }
  vi.advanceTimersByTime(delay + 4000);
  const expected = [...live.keys()];
  for (const name of all) expect(await isThere(name), name).toBe(live.has(name));
  const ports = expected.map((name) => `127.0.0.1:${10_000 + Number(name.slice(4))}`).sort();
  await caller.until(() => caller.endpoints('web').join() === ports.join());
  for (const [name, proxy] of live)
    expect(cp.pipeline.connected({ mesh: 'default', name })?.config === proxy.config, name).toBe(true);
});

/** The same numbers each time: a failure can be looked at again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
