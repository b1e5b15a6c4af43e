import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeServerCertificate } from '../packages/kuma-cp/src/tls/make-server-certificate.ts';
import { ControlPlane } from '../tools/fixtures/control-plane.ts';
import { ManagedProcess } from '../tools/fixtures/managed-process.ts';
import { allowAll, meshWithMtls } from '../tools/fixtures/mesh.ts';
import { PostgresServer } from '../tools/fixtures/postgres.ts';

let server: PostgresServer;
const controlPlanes: ControlPlane[] = [];

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await Promise.all(controlPlanes.map(({ process }) => process.stop()));
  await server?.dispose();
});

async function start(env: Record<string, string> = {}): Promise<ControlPlane> {
  const controlPlane = await ControlPlane.start({ env });
  controlPlanes.push(controlPlane);
  return controlPlane;
}

async function migrate(env: Record<string, string>): Promise<{ readonly code: number | null; readonly output: string }> {
  const run = new ManagedProcess({ name: 'kuma-cp migrate up', command: ['kuma-cp', 'migrate', 'up'], env });
  const { code } = await run.exited;
  return { code, output: run.output };
}

test('kuma-cp migrate up brings an empty database up to date, once', async () => {
  const env = server.environment(await server.createDatabase());
  expect(await migrate(env)).toEqual({ code: 0, output: 'Applied: 0001-initial, 0002-several-processes\n' });
  expect(await migrate(env)).toEqual({ code: 0, output: 'The store is up to date.\n' });
});

test('what keeps it from that is said with the setting, and without the password', async () => {
  const env = server.environment(await server.createDatabase());
  const wrong = await migrate({ ...env, KUMA_STORE_POSTGRES_PASSWORD: 'wrong-secret' });
  expect(wrong.code).toBe(1);
  expect(wrong.output).toContain('store.postgres.password');
  expect(wrong.output).not.toContain('wrong-secret');
  const [a, b] = [env.KUMA_STORE_POSTGRES_DB_NAME!, await server.createDatabase()];
  await server.query(a, 'create table resources (name text)');
  expect((await migrate(env)).output).toContain('a database of its own');
  expect(await migrate({ ...env, KUMA_STORE_POSTGRES_DB_NAME: b })).toMatchObject({ code: 0 });
});

test('over TLS, whom the host trusts is trusted, and who is not is refused with the settings to look at', async () => {
  const [{ cert, key }, folder] = [
    await makeServerCertificate({ dnsNames: [], addresses: ['127.0.0.1'] }),
    mkdtempSync(join(tmpdir(), 'kuma-pg-tls-')),
  ];
  const own = await PostgresServer.start({ tls: { certificate: cert, key } });
  try {
    const env = { ...own.environment(await own.createDatabase()), KUMA_STORE_POSTGRES_TLS_MODE: 'verifyFull' };
    const stranger = await migrate(env);
    expect(stranger).toMatchObject({ code: 1, output: expect.stringContaining('store.postgres.tls') });
    writeFileSync(join(folder, 'trusted.pem'), cert);
    expect(await migrate({ ...env, SSL_CERT_FILE: join(folder, 'trusted.pem') })).toMatchObject({ code: 0 });
    expect(await migrate({ ...env, KUMA_STORE_POSTGRES_TLS_CA_PATH: join(folder, 'trusted.pem') })).toMatchObject({ code: 0 });
    for (const [name, setting, more] of [
      ['CA_PATH', 'caPath', {}],
      ['CERT_PATH', 'certPath', { KUMA_STORE_POSTGRES_TLS_KEY_PATH: join(folder, 'trusted.pem') }],
      ['KEY_PATH', 'keyPath', { KUMA_STORE_POSTGRES_TLS_CERT_PATH: join(folder, 'trusted.pem') }],
    ] as const) {
      writeFileSync(join(folder, 'no.pem'), 'neither a certificate nor a key');
      const refused = await migrate({ ...env, ...more, [`KUMA_STORE_POSTGRES_TLS_${name}`]: join(folder, 'no.pem') });
      expect(refused).toMatchObject({ code: 1, output: expect.stringContaining(`store.postgres.tls.${setting} `) });
    }
  } finally {
    await own.dispose();
  }
});

test('a control plane that comes before its database waits for it and says so', async () => {
  const own = await PostgresServer.start();
  try {
    const env = own.environment(await own.createDatabase());
    await own.stop();
    const impatient = await ControlPlane.launch({ env });
    await impatient.process.waitForOutput(/PostgreSQL cannot be reached.*waited for/);
    expect((await impatient.process.stop()).code).toBe(0);
    const patient = await ControlPlane.launch({ env });
    await patient.process.waitForOutput(/PostgreSQL cannot be reached.*waited for/);
    await own.startAgain();
    await patient.ready();
    controlPlanes.push(patient);
    await patient.process.stop();
  } finally {
    await own.dispose();
  }
});

test('everything moves from any store to any other with kumactl export and apply, keys and all', async () => {
  const everything = ['export', '--profile=all', '--include-admin'];
  const first = await start();
  await first.apply(`${meshWithMtls()}\n---\n${allowAll()}\n---\n${JSON.stringify({ type: 'Mesh', name: 'second' })}`);
  const exported = await first.kumactl(everything);

  let last = exported;
  for (const env of [
    server.environment(await server.createDatabase()),
    { KUMA_STORE_TYPE: 'memory' },
    { KUMA_STORE_TYPE: 'embedded' },
    { KUMA_STORE_TYPE: 'memory' },
    server.environment(await server.createDatabase()),
    { KUMA_STORE_TYPE: 'embedded' },
  ]) {
    const next = await start(env);
    await next.apply(last);
    last = await next.kumactl(everything);
    expect(sorted(last)).toEqual(sorted(exported));
    await next.process.stop();
  }
});

/** Resources of an export, without the times at which they were written. */
function sorted(exported: string): readonly string[] {
  const resources = exported.split(/^---$/m).map((text) => text.replaceAll(/^(creation|modification)Time: .*$/gm, '').trim());
  return resources.sort();
}
