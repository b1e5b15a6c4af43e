import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PostgresServer } from '../../../../../tools/fixtures/postgres.ts';
import { makeServerCertificate } from '../../tls/make-server-certificate.ts';
import { draft, key } from '../conformance.ts';
import type { ResourceStore } from '../store.ts';
import type { PostgresOptions, PostgresTls } from './postgres-options.ts';
import { migratePostgresStore, openPostgresStore } from './postgres-store.ts';
import { testOptions } from './testing/options.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
}, 60_000);
afterAll(() => server?.dispose(), 60_000);

const log = pino({ level: 'silent' });
let instances = 0;

function openStore(database: string, more: Partial<PostgresOptions> = {}): Promise<ResourceStore> {
  return openPostgresStore({ postgres: testOptions(server, database, more), instanceId: `test-${instances++}`, log });
}

describe('the schema', () => {
  test('is made by whoever comes first, of several that come at once', async () => {
    const database = await server.createDatabase();
    const options = { postgres: testOptions(server, database), instanceId: 'migrate' };
    const applied = await Promise.all([1, 2, 3].map(() => migratePostgresStore(options)));
    expect(applied.filter((names) => names.length > 0)).toEqual([['0001-initial', '0002-several-processes']]);
    expect(await migratePostgresStore(options)).toEqual([]);
  });

  test('is waited for while another process migrates it, or said to come soon', async () => {
    const database = await server.createDatabase();
    const options = { postgres: testOptions(server, database), instanceId: 'migrate' };
    const another = expect(server.query(database, 'select pg_advisory_lock(1802857825, 2), pg_sleep(600)')).rejects.toThrow();
    const locks = `from pg_locks where locktype = 'advisory' and objid = 2 and granted`;
    await vi.waitFor(async () => expect(await server.query(database, `select ${locks}`)).toHaveLength(1));
    const patient = migratePostgresStore({ ...options, patient: true });
    await expect(migratePostgresStore(options)).rejects.toMatchObject({
      code: 'unavailable',
      passing: true,
      message: expect.stringContaining('migrates'),
    });
    await server.query(database, `select pg_terminate_backend(pid) ${locks}`);
    await another;
    expect(await patient).toHaveLength(2);
  }, 30_000);

  test('of a newer version is refused', async () => {
    const database = await server.createDatabase();
    await migratePostgresStore({ postgres: testOptions(server, database), instanceId: 'migrate' });
    await server.query(database, `insert into kysely_migration (name, timestamp) values ('9999-from-the-future', '2030-01-01')`);
    await expect(openStore(database)).rejects.toMatchObject({
      code: 'newer-schema',
      message: expect.stringContaining('9999-from-the-future'),
    });
  });

  test('of another program is left alone', async () => {
    const database = await server.createDatabase();
    await server.query(database, 'create table resources (name text)');
    await expect(openStore(database)).rejects.toMatchObject({ code: 'unavailable', hint: expect.stringContaining('of its own') });
    expect(await server.query(database, `select count(*)::int as tables from pg_tables where schemaname = 'public'`)).toEqual([
      { tables: 1 },
    ]);
  });
});

describe('TLS', () => {
  test('is as strict as its mode says', async () => {
    const [trusted, elsewhere] = await Promise.all([
      makeServerCertificate({ dnsNames: ['localhost'], addresses: [] }),
      makeServerCertificate({ dnsNames: ['localhost'], addresses: ['127.0.0.1'] }),
    ]);
    const secure = await PostgresServer.start({ tls: { certificate: trusted.cert, key: trusted.key } });
    const database = await secure.createDatabase();
    const outcome = async (host: string, tls: PostgresTls) => {
      try {
        const store = await openStore(database, { ...secure.credentials, host, tls });
        const [{ ssl }] = (await secure.query(
          database,
          `select bool_and(ssl) as ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name like 'kuma-cp test-%'`,
        )) as [{ ssl: boolean }];
        await store.close();
        return ssl ? 'encrypted' : 'in the clear';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    try {
      expect(await outcome('127.0.0.1', { mode: 'disable' })).toBe('in the clear');
      expect(await outcome('127.0.0.1', { mode: 'verifyNone' })).toBe('encrypted');
      expect(await outcome('127.0.0.1', { mode: 'verifyCa', ca: trusted.cert })).toBe('encrypted');
      const distrustful = { ...secure.credentials, tls: { mode: 'verifyCa', ca: elsewhere.cert } } as const;
      await expect(openStore(database, distrustful)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/^PostgreSQL cannot be reached: [a-z -]+$/),
      });
      expect(await outcome('127.0.0.1', { mode: 'verifyFull', ca: trusted.cert })).toBe('unavailable');
      expect(await outcome('localhost', { mode: 'verifyFull', ca: trusted.cert })).toBe('encrypted');
      // A server without TLS is not talked to in the clear by who wants it.
      expect(await outcome('127.0.0.1', { mode: 'verifyNone' })).toBe('encrypted');
      await expect(openStore(await server.createDatabase(), { tls: { mode: 'verifyNone' } })).rejects.toMatchObject({
        code: 'unavailable',
      });
    } finally {
      await secure.dispose();
    }
  }, 120_000);
});

test('a change whose commit hangs is given up, holds up no other for long, and is found when it comes to be after all', async () => {
  const waiting = await PostgresServer.start();
  try {
    const database = await waiting.createDatabase();
    const options = { ...waiting.credentials, longestChange: 1000 };
    const [a, b] = [await openStore(database, options), await openStore(database, options)];
    const make = (store: ResourceStore, name: string) => store.write([{ op: 'create', draft: draft(name) }]);
    const confirmedBy = async (standbys: string) => {
      await waiting.query(database, `alter system set synchronous_standby_names = '${standbys}'`);
      await waiting.query(database, 'select pg_reload_conf()');
    };
    await make(a, 'before');
    await confirmedBy('nobody');
    // The server takes the setting over in its own time: it has when a commit is seen to wait.
    const commits: Promise<unknown>[] = [];
    await vi.waitFor(async () => {
      commits.push(waiting.query(database, `select pg_logical_emit_message(true, 'commit', '')`));
      expect(await waiting.query(database, `select pid from pg_stat_activity where wait_event = 'SyncRep'`)).not.toEqual([]);
    }, 10_000);
    await expect(make(a, 'during')).rejects.toMatchObject({ message: expect.stringContaining('no answer'), passing: true });
    const others = await Promise.allSettled([make(a, 'behind'), make(a, 'behind-it'), make(b, 'beside')]);
    for (const other of others) expect(other).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    expect(a.staleness!()).toBeUndefined();
    await expect(b.join!({}, () => {})).rejects.toMatchObject({ code: 'unavailable', passing: true });
    await confirmedBy('');
    for (const store of [a, b]) await vi.waitFor(async () => expect(await store.get(key('during'))).toBeDefined(), 10_000);
    await make(a, 'after');
    await Promise.all([...commits, a.close(), b.close()]);
  } finally {
    await waiting.dispose();
  }
}, 60_000);

test('a server with few connections is shared, and what is asked of it waits its turn', async () => {
  const configuration = ['max_connections=6', 'superuser_reserved_connections=0', 'max_wal_senders=0'];
  const small = await PostgresServer.start({ configuration });
  try {
    const database = await small.createDatabase();
    const stores = [1, 2].map(() => openStore(database, { ...small.credentials, maxConnections: 20 }));
    const [a, b] = (await Promise.all(stores)) as [ResourceStore, ResourceStore];
    const asked = [a, b].flatMap((store) => Array.from({ length: 40 }, () => store.insights.list({ type: 'DataplaneInsight' })));
    const written = [a, b].map((store, index) => store.write([{ op: 'create', draft: draft(`web-${index}`) }]));
    await Promise.all([...asked, ...written]);
    await Promise.all([a.close(), b.close()]);
  } finally {
    await small.dispose();
  }
}, 60_000);

test('many questions at once are answered over the connections that there are, and not each over one of its own', async () => {
  const database = await server.createDatabase();
  const store = await openStore(database, { maxConnections: 20 });
  await Promise.all(Array.from({ length: 200 }, () => store.insights.list({ type: 'DataplaneInsight' })));
  const ours = `datname = current_database() and application_name like 'kuma-cp %'`;
  expect((await server.query(database, `select pid from pg_stat_activity where ${ours}`)).length).toBeLessThan(15);
  await store.close();
});

test('a change that waits for its turn holds up no question', async () => {
  const database = await server.createDatabase();
  const store = await openStore(database, { maxConnections: 3 });
  const turn = 'begin; select revision from store_revision for update; select pg_sleep(600)';
  const another = expect(server.query(database, turn)).rejects.toThrow();
  const asleep = `from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
  await vi.waitFor(async () => expect(await server.query(database, `select ${asleep}`)).toHaveLength(1));
  const written = store.write([{ op: 'create', draft: draft('web') }]);
  const waiting = `from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await vi.waitFor(async () => expect(await server.query(database, `select ${waiting}`)).toHaveLength(1));
  expect(await store.insights.get({ ...key('web'), type: 'DataplaneInsight' })).toBeUndefined();
  expect(await server.query(database, `select ${waiting}`)).toHaveLength(1);
  await server.query(database, `select pg_terminate_backend(pid) ${asleep}`);
  await Promise.all([written, another]);
  await store.close();
});
