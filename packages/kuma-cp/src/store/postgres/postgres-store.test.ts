import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { PostgresServer } from '../../../../../tools/fixtures/postgres.ts';
import { describeResourceStore, draft, key } from '../conformance.ts';
import type { Change, Peers, ResourceStore } from '../store.ts';
import type { PostgresOptions } from './postgres-options.ts';
import { openPostgresStore } from './postgres-store.ts';
import { testOptions } from './testing/options.ts';

let server: PostgresServer;
const open = new Set<ResourceStore>();

beforeAll(async () => {
  server = await PostgresServer.start();
}, 60_000);
afterEach(async () => {
  await Promise.all([...open].map((store) => store.close()));
  open.clear();
});
afterAll(() => server?.dispose(), 60_000);

const log = pino({ level: 'silent' });
let instances = 0;

async function openStore(database: string, more: Partial<PostgresOptions> = {}): Promise<ResourceStore> {
  const store = await openPostgresStore({
    postgres: testOptions(server, database, more),
    instanceId: `test-${instances++}`,
    log,
  });
  open.add(store);
  return store;
}

/** Two processes' stores over one database. */
async function openTwo(): Promise<{ a: ResourceStore; b: ResourceStore; database: string }> {
  const database = await server.createDatabase();
  const [a, b] = [await openStore(database), await openStore(database)];
  return { a, b, database };
}

function listen(store: ResourceStore): Change[] {
  const changes: Change[] = [];
  store.subscribe((more) => changes.push(...more));
  return changes;
}

/** What a listener that follows the feed alone believes to be stored. */
function follow(store: ResourceStore): Map<string, number> {
  const believed = new Map<string, number>();
  store.subscribe((changes) => {
    for (const { key, after } of changes) after ? believed.set(key.name, after.revision) : believed.delete(key.name);
  });
  return believed;
}

async function stored(store: ResourceStore): Promise<Map<string, number>> {
  return new Map((await store.list({ type: 'Dataplane' })).map(({ name, revision }) => [name, revision]));
}

describe('as any store', () => {
  describeResourceStore(async () => openStore(await server.createDatabase()));
});

describe('with other processes', () => {
  test('every one hears of what the others did, in order and once', async () => {
    const { a, b } = await openTwo();
    const heard = listen(b);
    const [web] = await a.write([{ op: 'create', draft: draft('web') }]);
    await b.fresh!();
    expect(heard).toEqual([{ revision: web!.revision, key: key('web'), after: web }]);
    await a.write([{ op: 'delete', key: key('web') }]);
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    expect(heard[1]).toEqual({ revision: web!.revision + 1, key: key('web'), before: web });
  });

  test('a fresh read shows what another one was answered before', async () => {
    const { a, b } = await openTwo();
    for (let round = 0; round < 50; round++) {
      const [writer, reader] = round % 2 === 0 ? [a, b] : [b, a];
      const [written] = await writer.write([{ op: 'create', draft: draft(`dp-${round}`) }]);
      await reader.fresh!();
      expect(await reader.get(key(`dp-${round}`))).toEqual(written);
    }
  });

  test('no revision is given twice or missed by a follower, however many write at once', async () => {
    const database = await server.createDatabase();
    const stores = await Promise.all([1, 2, 3].map(() => openStore(database)));
    const followers = stores.map(follow);
    const revisions = stores.map((store) => {
      const seen: number[] = [];
      store.subscribe((changes) => seen.push(...changes.map(({ revision }) => revision)));
      return seen;
    });
    const given: number[] = [];
    const work = async (store: ResourceStore, worker: number) => {
      for (let round = 0; round < 30; round++) {
        const name = `dp-${(worker * 7 + round * 3) % 20}`;
        const before = await store.get(key(name));
        const write =
          before === undefined
            ? ({ op: 'create', draft: draft(name) } as const)
            : round % 4 === 0
              ? ({ op: 'delete', key: key(name), expected: before.revision } as const)
              : ({ op: 'update', draft: draft(name, { spec: { worker, round } }), expected: before.revision } as const);
        const [after] = await store.write([write]).catch(() => []);
        if (after) given.push(after.revision);
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, worker) => work(stores[worker % 3]!, worker)));
    expect(new Set(given).size).toBe(given.length);
    await Promise.all(stores.map((store) => store.fresh!()));
    const truth = await stored(stores[0]!);
    for (const store of stores) expect(await stored(store)).toEqual(truth);
    for (const follower of followers) expect(follower).toEqual(truth);
    for (const seen of revisions) expect(seen).toEqual(seen.toSorted((x, y) => x - y));
  });

  test('of two that want the same revision one wins', async () => {
    const { a, b } = await openTwo();
    const [created] = await a.write([{ op: 'create', draft: draft('web') }]);
    await b.fresh!();
    const results = await Promise.allSettled(
      [a, b].map((store, writer) =>
        store.write([{ op: 'update', draft: draft('web', { spec: { writer } }), expected: created!.revision }]),
      ),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await Promise.all([a.fresh!(), b.fresh!()]);
    expect(await a.get(key('web'))).toEqual(await b.get(key('web')));
  });

  test('insights that are news reach the others, and long lists of them too', async () => {
    const { a, b } = await openTwo();
    const heard: string[] = [];
    b.insights.subscribe!((keys) => heard.push(...keys.map(({ type, mesh, name }) => `${type}/${mesh}/${name}`)));
    const time = new Date().toISOString();
    const names = Array.from({ length: 1000 }, (_, n) => `proxy-with-a-name-of-some-length-${n}`);
    const insights = names.map((name) => ({
      ...key(name, { type: 'DataplaneInsight' }),
      creationTime: time,
      modificationTime: time,
      spec: { name },
    }));
    await a.insights.putMany(insights, insights.slice(1));
    await vi.waitFor(() => expect(heard).toHaveLength(999), 5000);
    expect(heard).not.toContain(`DataplaneInsight/default/${names[0]}`);
    expect(await b.insights.getMany([insights[5]!, key('absent')])).toEqual([insights[5]]);
    expect(await b.insights.list({ type: 'DataplaneInsight' })).toHaveLength(1000);
  });
});

describe('taking part', () => {
  async function join(store: ResourceStore): Promise<{ peers: Peers | undefined }> {
    const seen: { peers: Peers | undefined } = { peers: undefined };
    await store.join!({ port: 1 }, (peers) => {
      seen.peers = peers;
    });
    return seen;
  }

  test('one leads, and another one when it is gone', async () => {
    const { a, b } = await openTwo();
    const first = await join(a);
    await vi.waitFor(() => expect(first.peers?.leading).toBe(true), 10_000);
    const second = await join(b);
    await vi.waitFor(() => expect([first.peers?.instances.size, second.peers?.instances.size]).toEqual([2, 2]), 10_000);
    expect(second.peers?.leading).toBe(false);
    await a.close();
    await vi.waitFor(() => expect(second.peers?.leading).toBe(true), 10_000);
    await vi.waitFor(() => expect(second.peers?.instances.size).toBe(1), 10_000);
  }, 60_000);

  test('who is cut off leads no more, and may again', async () => {
    const { a, database } = await openTwo();
    const seen = await join(a);
    await vi.waitFor(() => expect(seen.peers?.leading).toBe(true), 10_000);
    const told: (Peers | undefined)[] = [];
    a.subscribe(() => {});
    await cutLinks(database);
    await vi.waitFor(() => {
      told.push(seen.peers);
      expect(told.some((peers) => peers?.leading === false)).toBe(true);
      expect(seen.peers).toMatchObject({ leading: true, connectedSince: expect.any(Number) });
    }, 10_000);
  }, 60_000);
});

/** Ends every connection to the database, or those whose application is like this, and so every notification under way. */
async function cutLinks(database: string, application = '%'): Promise<void> {
  await server.query(
    'postgres',
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}' and pid <> pg_backend_pid()
      and application_name like '${application}'`,
  );
}

describe('what the feed cannot tell', () => {
  test('changes and deletions while a process was cut off are made up for', async () => {
    const { a, b, database } = await openTwo();
    await a.write(['stays', 'changes', 'goes'].map((name) => ({ op: 'create', draft: draft(name) })));
    await b.fresh!();
    const believed = follow(b);
    for (let round = 0; round < 5; round++) {
      await cutLinks(database);
      await vi.waitFor(async () => {
        const [changes] = (await a.list({ type: 'Dataplane' })).filter(({ name }) => name === 'changes');
        await a.write([
          { op: 'update', draft: draft('changes', { spec: { round } }), expected: changes!.revision },
          { op: 'create', draft: draft(`new-${round}`) },
        ]);
      }, 10_000);
    }
    await a.write([{ op: 'delete', key: key('goes') }]);
    await vi.waitFor(async () => expect(await stored(b)).toEqual(await stored(a)), 10_000);
    const { stays, ...rest } = Object.fromEntries(await stored(b));
    expect(stays).toBeDefined();
    await vi.waitFor(() => expect(Object.fromEntries(believed)).toEqual(rest), 10_000);
  }, 60_000);

  test('the end of the connection that hears of changes refuses no write and no read, and hides nothing', async () => {
    const { a, b, database } = await openTwo();
    const believed = follow(b);
    for (let round = 0; round < 20; round++) {
      await cutLinks(database, '% link');
      await a.write([{ op: 'create', draft: draft(`dp-${round}`) }]);
      await b.current!();
      expect(await b.get(key(`dp-${round}`))).toBeDefined();
      expect(b.staleness!()).toBeUndefined();
    }
    expect(Object.fromEntries(believed)).toEqual(Object.fromEntries(await stored(a)));
  }, 60_000);

  test('what was changed by hand in the database is found by the comparison', async () => {
    const database = await server.createDatabase();
    const a = await openStore(database, { compareInterval: 200 });
    await a.write([{ op: 'create', draft: draft('kept') }]);
    await a.write([{ op: 'create', draft: draft('deleted') }]);
    const heard = listen(a);
    await server.query(database, `delete from resources where name = 'deleted'`);
    await server.query(
      database,
      `update resources set spec = '{"by":"hand"}', modification_time = '2030-01-01T00:00:00.000Z' where name = 'kept'`,
    );
    await vi.waitFor(() => expect(heard).toHaveLength(2), 10_000);
    expect(await a.get(key('deleted'))).toBeUndefined();
    expect((await a.get(key('kept')))!.spec).toEqual({ by: 'hand' });
  });

  test('a database that was restored to an earlier state is taken over, and goes on from there', async () => {
    const { a, database } = await openTwo();
    await a.write([{ op: 'create', draft: draft('before') }]);
    const backup = await server.query(database, 'select * from resources');
    await a.write([{ op: 'create', draft: draft('lost-1') }]);
    await a.write([{ op: 'create', draft: draft('lost-2') }]);
    const believed = follow(a);
    await server.query(database, `delete from resources where name like 'lost-%'`);
    await server.query(database, `update store_revision set revision = ${backup[0]!.revision}`);
    await cutLinks(database);
    await vi.waitFor(async () => expect([...(await stored(a)).keys()]).toEqual(['before']), 10_000);
    await vi.waitFor(async () => {
      const [again] = await a.write([{ op: 'create', draft: draft('lost-1') }]);
      expect(again!.revision).toBe(Number(backup[0]!.revision) + 1);
    }, 10_000);
    expect([...believed.keys()]).toEqual(['lost-1']);
  }, 60_000);

  test('deletions that are no longer remembered are found all the same', async () => {
    const { a, b, database } = await openTwo();
    await a.write([{ op: 'create', draft: draft('goes') }]);
    await b.fresh!();
    await a.write([{ op: 'delete', key: key('goes') }]);
    await server.query(database, 'update store_revision set tombstones_from = revision; delete from tombstones');
    await b.fresh!();
    expect(await b.get(key('goes'))).toBeUndefined();
  });

  test('deletions are remembered for an hour by the leader, and no longer', async () => {
    const database = await server.createDatabase();
    const a = await openStore(database, { compareInterval: 200 });
    await a.join!({}, () => {});
    await a.write(['old', 'new'].map((name) => ({ op: 'create', draft: draft(name) })));
    await a.write([{ op: 'delete', key: key('old') }]);
    await a.write([{ op: 'delete', key: key('new') }]);
    await server.query(database, `update tombstones set deleted_at = now() - interval '2 hours' where name = 'old'`);
    const left = () => server.query(database, 'select name, tombstones_from::int as since from tombstones, store_revision');
    await vi.waitFor(async () => expect(await left()).toEqual([{ name: 'new', since: 3 }]), 10_000);
  });
});

describe('when the database is away', () => {
  let own: PostgresServer;
  beforeAll(async () => {
    own = await PostgresServer.start();
  }, 60_000);
  afterAll(() => own?.dispose(), 60_000);

  const openOwn = async () => {
    const database = await own.createDatabase();
    return openStore(database, { ...own.credentials, connectionTimeout: 1000 });
  };

  test('reads go on and say their age, writes are refused with a reason, and all is well again by itself', async () => {
    const store = await openOwn();
    const [web] = await store.write([{ op: 'create', draft: draft('web') }]);
    expect(store.staleness!()).toBeUndefined();
    await own.stop();
    await vi.waitFor(() => expect(store.staleness!()).toBeGreaterThan(0), 10_000);
    await store.fresh!();
    expect(await store.get(key('web'))).toEqual(web);
    await expect(store.write([{ op: 'create', draft: draft('no') }])).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('PostgreSQL'),
      hint: expect.any(String),
    });
    await expect(store.insights.list({ type: 'DataplaneInsight' })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.current!()).rejects.toMatchObject({ code: 'unavailable', passing: true });
    await own.startAgain();
    await vi.waitFor(() => store.write([{ op: 'create', draft: draft('yes') }]), 10_000);
    expect(store.staleness!()).toBeUndefined();
  }, 60_000);

  test('what stands still counts as away; a write that was under way is either there or not, and known as what it is', async () => {
    const store = await openOwn();
    await store.write([{ op: 'create', draft: draft('before') }]);
    own.pause();
    const outcome = store.write([{ op: 'create', draft: draft('during') }]).then(
      () => 'answered',
      (error) => error.code,
    );
    await vi.waitFor(() => expect(store.staleness!()).toBeGreaterThan(0), 20_000);
    expect(await outcome).toBe('unavailable');
    own.resume();
    await vi.waitFor(() => store.write([{ op: 'create', draft: draft('after') }]), 20_000);
    await store.fresh!();
    const inMemory = await stored(store);
    await store.close();
    expect([...inMemory.keys()].filter((name) => name !== 'during')).toEqual(['after', 'before']);
  }, 60_000);

  test('a start without it says what is wrong, and no password', async () => {
    await own.stop();
    const refused = openPostgresStore({ postgres: testOptions(own, 'kuma'), instanceId: 'x', log });
    await expect(refused).rejects.toMatchObject({
      code: 'unavailable',
      passing: true,
      message: expect.stringContaining('ECONNREFUSED'),
    });
    await own.startAgain();
    const wrong = { ...own.credentials, password: 'a wrong secret' };
    const denied = await openPostgresStore({ postgres: testOptions(own, 'postgres', wrong), instanceId: 'x', log }).catch(
      (error) => error,
    );
    expect(denied).toMatchObject({
      code: 'unavailable',
      passing: false,
      hint: expect.stringContaining('store.postgres.password'),
    });
    expect(`${denied.message} ${denied.hint} ${denied.stack}`).not.toContain('wrong secret');
    const absent = openPostgresStore({ postgres: testOptions(own, 'nowhere'), instanceId: 'x', log });
    await expect(absent).rejects.toMatchObject({ code: 'unavailable', hint: expect.stringContaining('store.postgres.dbName') });
  }, 60_000);
});

test('lists of insights come from the replica, and from the primary when it is not there or does not answer', async () => {
  const database = await server.createDatabase();
  const time = new Date().toISOString();
  const insight = (name: string) => ({
    ...key(name, { type: 'DataplaneInsight' }),
    creationTime: time,
    modificationTime: time,
    spec: {},
  });
  const readFrom = (port: number) => ({ readReplica: { host: '127.0.0.1', port, ratio: 100 } });
  const list = async (store: ResourceStore) => (await store.insights.list({ type: 'DataplaneInsight' })).map(({ name }) => name);
  const cutOff = await openStore(database, readFrom(1));
  await cutOff.insights.putMany([insight('of-primary')]);
  expect(await list(cutOff)).toEqual(['of-primary']);

  // By its content, what stands for a replica shows that it was asked.
  const replica = await PostgresServer.start();
  try {
    await replica.query('postgres', `create database ${database}`);
    const behind = await openStore(database, replica.credentials);
    await behind.insights.putMany([insight('of-replica')]);
    await behind.close();
    const store = await openStore(database, readFrom(replica.port));
    expect(await list(store)).toEqual(['of-replica']);
    expect(await store.insights.get(insight('of-primary'))).toEqual(insight('of-primary'));
    replica.pause();
    expect(await list(store)).toEqual(['of-primary']);
    replica.resume();
    await store.close();
  } finally {
    await replica.dispose();
  }
}, 60_000);
