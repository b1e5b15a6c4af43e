import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import type { TlsReadiness } from '@kuma-mesh/core-model/snapshot/index.ts';
import { resourceToJson } from '@kuma-mesh/xds-encode/index.ts';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { pool, startControlPlane, type TestControlPlane } from '../sessions/testing/control-plane.ts';
import { dataplaneOf, TestProxy, type TestProxyOptions } from '../sessions/testing/test-proxy.ts';

let cp: TestControlPlane;
beforeEach(async () => {
  cp = await startControlPlane();
});
afterEach(() => cp.close());
afterAll(() => pool.close());

const connect = (options: TestProxyOptions) => TestProxy.connect(cp.sessions, options);
const web = { name: 'web', service: 'web', port: 8000, calls: ['api', 'db'] };
const api = (name: string, port: number) => ({ name, service: 'api', port });
const db = { name: 'db', service: 'db', port: 8090 };

async function mtls(mode: 'off' | 'STRICT' | 'PERMISSIVE'): Promise<void> {
  const spec = mode === 'off' ? {} : { mtls: { enabledBackend: 'ca', backends: [{ name: 'ca', type: 'builtin', mode }] } };
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec });
}

/** Services that a proxy calls with mutual TLS. */
function calledWithTls(client: TestProxy): readonly string[] {
  return ['api', 'db'].filter((service) => {
    const cluster = client.resource('cluster', service);
    return cluster !== undefined && 'transportSocket' in (resourceToJson(cluster) as object);
  });
}
const calls = (client: TestProxy, ...services: string[]) =>
  client.until(() => client.names('secret').length > 0 && calledWithTls(client).join() === services.join());

async function readiness(): Promise<TlsReadiness | undefined> {
  const written = await cp.store.get({ type: 'TlsReadiness', mesh: 'default', name: 'default' });
  return (written as Resource<TlsReadiness> | undefined)?.spec;
}
const untilWritten = (expected: TlsReadiness | undefined) =>
  cp.until(async () => JSON.stringify(await readiness()) === JSON.stringify(expected));
const everybody = { all: true, services: [] };

test('where mutual TLS becomes PERMISSIVE, each service is called with it once all of its proxies have a certificate', async () => {
  await mtls('off');
  const client = await connect(web);
  const [slow, other] = [await connect(api('api-1', 8080)), await connect(api('api-2', 8081))];
  await connect(db);
  await Promise.all([client, slow, other].map((proxy) => proxy.until(() => true)));
  slow.stalled = true;
  await mtls('PERMISSIVE');
  await calls(client, 'db');
  await untilWritten({ all: false, services: ['db', 'web'] });
  slow.stalled = false;
  slow.accept();
  await calls(client, 'api', 'db');
  await untilWritten(everybody);
});

test('who went while it was plain is waited for, who never came is not', async () => {
  await mtls('off');
  const client = await connect(web);
  await connect(api('api-1', 8080));
  await cp.put(dataplaneOf(api('api-2', 8081)));
  // As it was not brought by its proxy, it stays.
  await cp.put(dataplaneOf(db));
  const gone = await connect({ name: 'db' });
  await Promise.all([client, gone].map((proxy) => proxy.until(() => true)));
  gone.close();
  await mtls('PERMISSIVE');
  await calls(client, 'api');
  await cp.writer.delete({ type: 'Dataplane', mesh: 'default', name: 'db' });
  await calls(client, 'api', 'db');
});

test('STRICT, and PERMISSIVE after it, speak plain text with nobody', async () => {
  await mtls('STRICT');
  const client = await connect(web);
  await calls(client, 'api', 'db');
  await untilWritten(everybody);
  await mtls('PERMISSIVE');
  await cp.put(dataplaneOf(db));
  await client.until(() => client.endpoints('db').length === 1);
  expect(calledWithTls(client)).toEqual(['api', 'db']);
  await mtls('off');
  await untilWritten(undefined);
  await client.until(() => calledWithTls(client).length === 0);
});
