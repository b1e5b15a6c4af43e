import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import { HealthCheckSpecifier } from '@kuma-mesh/envoy-api/health-discovery.ts';
import { pino } from 'pino';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { VerifyDataplaneToken } from '../auth/dataplane-token.ts';
import { followStore } from '../feed/follow-store.ts';
import { pool, startControlPlane, type TestControlPlane } from '../sessions/testing/control-plane.ts';
import { nodeOf, TestProxy } from '../sessions/testing/test-proxy.ts';
import { ServiceHealth } from './service-health.ts';

const defaults = {
  reportInterval: 5_000,
  interval: 1_000,
  // Reports count at once.
  timeout: 0,
  noTrafficInterval: 1_000,
  healthyThreshold: 1,
  unhealthyThreshold: 1,
};
const web = { mesh: 'default', name: 'web-1', token: 'right' };
const healthy = (is: boolean) => new Map([['localhost:8081', is]]);

let cp: TestControlPlane;
let health: ServiceHealth;
let unfollow: () => void;

beforeEach(async () => {
  cp = await startControlPlane();
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: {} });
  await watch({});
});

afterEach(async () => {
  unfollow();
  await cp.close();
});
afterAll(() => pool.close());

async function watch({
  patience = 5_000,
  timeout = defaults.timeout,
  verify,
}: {
  patience?: number;
  timeout?: number;
  verify?: VerifyDataplaneToken;
}): Promise<void> {
  unfollow?.();
  const verifyToken = verify ?? (async () => ({ ok: true }) as const);
  const log = pino({ level: 'silent' });
  const { store, writer } = cp;
  health = new ServiceHealth({ store, writer, verifyToken, defaults: { ...defaults, timeout }, patience, log });
  unfollow = await followStore(cp.store, [health]);
}

function probedDataplane(...ports: number[]): ResourceDraft<Dataplane> {
  const tags = { 'kuma.io/service': 'web', 'kuma.io/protocol': 'http' };
  const inbound = ports.map((port) => ({ port, servicePort: port + 1, tags, serviceProbe: { tcp: {} } }));
  return {
    type: 'Dataplane',
    mesh: 'default',
    name: 'web-1',
    labels: {},
    spec: { networking: { address: '127.0.0.1', inbound } },
  };
}

/** As its kuma-dp does: it brings its Dataplane whenever it connects. */
const connect = async (dataplane = probedDataplane(8080)) =>
  cp.sessions.open({ ...nodeOf({ name: 'web-1' }), dataplane, token: 'right' });
const caller = () => TestProxy.connect(cp.sessions, { name: 'caller-1', service: 'caller', calls: ['web'] });
const states = async () => {
  const [dataplane] = (await cp.dataplanes('default')).filter(({ name }) => name === 'web-1');
  return (dataplane!.spec as Dataplane).networking!.inbound!.map(({ state }) => state);
};
const settled = (expected: unknown) => cp.until(async () => isDeepStrictEqual(await states(), expected));
const checkNames = (checks: Uint8Array | undefined) =>
  checks && HealthCheckSpecifier.decode(checks).clusterHealthChecks!.map(({ clusterName }) => clusterName);
/** Milliseconds. */
const reportInterval = (checks: Uint8Array | undefined) => {
  const { seconds = 0, nanos = 0 } = HealthCheckSpecifier.decode(checks!).interval!;
  return seconds * 1_000 + nanos / 1e6;
};

test('an application has an endpoint once it has answered, loses it when it does not, and has it back when it does', async () => {
  await connect();
  const other = await caller();
  expect(await states()).toEqual(['NotReady']);
  const session = await health.open(web);
  expect(checkNames(session.checks)).toEqual(['localhost:8081']);
  session.reported(healthy(true));
  await other.until(() => other.endpoints('web').length === 1);
  session.reported(healthy(false));
  await other.until(() => other.endpoints('web').length === 0);
  expect(await states()).toEqual(['NotReady']);
  session.reported(healthy(true));
  await other.until(() => other.endpoints('web').length === 1);
  expect(await states()).toEqual(['Ready']);
});

test('a report that says what is known already writes nothing', async () => {
  await connect();
  const session = await health.open(web);
  session.reported(healthy(true));
  await settled(['Ready']);
  const [before] = await cp.dataplanes('default');
  session.reported(healthy(true));
  session.reported(new Map([['localhost:1', true]]));
  session.reported(healthy(false));
  await settled(['NotReady']);
  const [after] = await cp.dataplanes('default');
  // Each write of the store has a revision of its own: one lies between the two.
  expect(after!.revision).toBe(before!.revision + 1);
});

test('a proxy that was just told what to probe says nothing against an application yet', async () => {
  await watch({ timeout: 60_000 });
  await connect(probedDataplane(8080, 9080));
  const session = await health.open(web);
  session.reported(
    new Map([
      ['localhost:8081', true],
      ['localhost:9081', true],
    ]),
  );
  await settled(['Ready', 'Ready']);
  const patient = probedDataplane(8080, 9080);
  for (const inbound of patient.spec.networking!.inbound!.slice(1)) inbound.serviceProbe = { timeout: '1ms', tcp: {} };
  const changed = Promise.withResolvers<void>();
  session.onChecks(changed.resolve);
  await cp.put(patient);
  await changed.promise;
  await delay(5);
  session.reported(
    new Map([
      ['localhost:8081', false],
      ['localhost:9081', false],
    ]),
  );
  await settled([undefined, 'NotReady']);
});

test('a proxy reports soon until it has found out about applications that wait for traffic', async () => {
  await watch({ timeout: 60_000 });
  await connect();
  const session = await health.open(web);
  session.reported(healthy(false));
  expect(reportInterval(session.checks)).toBe(500);
  const told = Promise.withResolvers<void>();
  session.onChecks(told.resolve);
  session.reported(healthy(true));
  await told.promise;
  expect(reportInterval(session.checks)).toBe(defaults.reportInterval);
  await settled(['Ready']);
  expect(reportInterval((await health.open(web)).checks)).toBe(defaults.reportInterval);
});

test('a proxy that drains takes no traffic, however well its application is', async () => {
  await connect();
  const session = await health.open(web);
  session.reported(healthy(true));
  await settled(['Ready']);
  await cp.sessions.drain(web);
  expect(await states()).toEqual(['NotReady']);
  session.reported(healthy(true));
  // A second proxy goes through all of it, and so did the first when it has.
  await cp.put({ ...probedDataplane(9080), name: 'web-2' });
  const second = await health.open({ ...web, name: 'web-2' });
  second.reported(new Map([['localhost:9081', true]]));
  await cp.until(async () => JSON.stringify(await cp.dataplanes('default')).includes('"Ready"'));
  expect(await states()).toEqual(['NotReady']);
});

test('a proxy that comes back does not make its dead application healthy', async () => {
  const first = await connect();
  (await health.open(web)).reported(healthy(false));
  await settled(['NotReady']);
  first.close();
  await connect();
  expect(await states()).toEqual(['NotReady']);
  (await health.open(web)).reported(healthy(true));
  await settled(['Ready']);
});

test('checks follow the Dataplane; a proxy without any is let wait', async () => {
  await cp.put({ ...probedDataplane(), spec: { networking: { address: '127.0.0.1' } } });
  const session = await health.open(web);
  expect(session.checks).toBeUndefined();
  const told: unknown[] = [];
  const none = Promise.withResolvers<void>();
  session.onChecks(() => {
    const names = checkNames(session.checks);
    told.push(names);
    if (names?.length === 0) none.resolve();
  });
  await cp.put(probedDataplane(8080, 9080));
  session.reported(healthy(false));
  await settled(['NotReady', undefined]);
  await cp.put({ ...probedDataplane(), spec: { networking: { address: '127.0.0.1' } } });
  await none.promise;
  expect(told).toEqual([['localhost:8081', 'localhost:9081'], []]);
});

test('a proxy may offer to report before its Dataplane is there, but not for long', async () => {
  const early = health.open(web);
  await connect();
  expect(checkNames((await early).checks)).toEqual(['localhost:8081']);
  await watch({ patience: 10 });
  await expect(health.open({ ...web, name: 'nobody' })).rejects.toThrow('Dataplane "nobody" does not exist in mesh "default"');
});

test('nobody reports for a proxy with a wrong token', async () => {
  await connect();
  await watch({ verify: async (token) => (token === 'right' ? { ok: true } : { ok: false, reason: 'the token is wrong' }) });
  await expect(health.open({ ...web, token: 'wrong' })).rejects.toThrow('the token is wrong');
  await health.open(web);
});
