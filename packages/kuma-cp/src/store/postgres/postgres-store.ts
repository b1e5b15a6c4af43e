import { keyString, type Resource, type ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import { Kysely, PostgresDialect, sql } from 'kysely';
import type { Logger } from 'pino';
import { ChangeFeed } from '../change-feed.ts';
import { ResourceTable } from '../resource-table.ts';
import { migrateUp } from '../sql/migrations.ts';
import { readAll } from '../sql/resource-repository.ts';
import type { StoreSchema } from '../sql/schema.ts';
import type { Change, PeersListener, ResourceStore, WriteOp } from '../store.ts';
import { StoreError } from '../store-error.ts';
import type { WriteResult } from '../write-plan.ts';
import { WriteQueue } from '../write-queue.ts';
import { DatabaseLink } from './database-link.ts';
import { refuseForeignTables } from './foreign-tables.ts';
import { Members } from './members.ts';
import { postgresMigrations } from './migrations.ts';
import { isOutage, openingErrorInWords, postgresErrorInWords } from './postgres-error.ts';
import { PostgresInsights } from './postgres-insights.ts';
import type { PostgresOptions } from './postgres-options.ts';
import { ConnectionPool } from './postgres-pool.ts';
import { changeChannel, insightChannel, type PostgresSchema } from './postgres-schema.ts';
import { type NewState, type NewStates, readChanges, readFingerprints, readResources } from './read-changes.ts';
import { ReadReplica } from './read-replica.ts';
import { differences } from './reconcile.ts';
import { forgetDeletions, writeResources } from './write-resources.ts';

export interface PostgresStoreOptions {
  readonly postgres: PostgresOptions;
  /** Names this process to the others. */
  readonly instanceId: string;
  readonly log: Logger;
}

/** How long a reader waits to be as new as the database. Milliseconds. */
const freshnessPatience = 1000;
const compareInterval = 10 * 60_000;

/**
 * A store in PostgreSQL, for any number of processes. Every resource is also in memory, and stays readable without the database.
 *
 *   write ──► WriteQueue ──► writeResources ──► NOTIFY ──► DatabaseLink of every other process
 *                                │                              │
 *                                ▼                              ▼
 *                          #advance (memory, feed) ◄── readChanges since the revision in memory
 *
 * A notification says only that there is something new: what is new is read by revision, so that a lost one costs time and
 * never a change. Each connection of the link begins with a look at all resources, and there is another one now and then.
 *
 * @throws StoreError `newer-schema`, `unavailable`
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<ResourceStore> {
  await migratePostgresStore(options);
  const { pool, db } = connect(options);
  try {
    const store = new PostgresStore(options, pool, db);
    await store.open();
    return store;
  } catch (error) {
    await db.destroy();
    throw openingErrorInWords(error);
  }
}

export interface MigrationOptions extends Omit<PostgresStoreOptions, 'log'> {
  /** Waits for as long as another process migrates; otherwise it is told that this passes. */
  readonly patient?: boolean;
}

/** @returns names of the migrations that were applied @throws StoreError */
export async function migratePostgresStore({
  postgres,
  instanceId,
  patient = false,
}: MigrationOptions): Promise<readonly string[]> {
  // A table may be large. All of it happens on the connection that has the lock.
  const { db } = connect({ postgres: { ...postgres, longestStatement: 0, minConnections: 0, maxConnections: 1 }, instanceId });
  try {
    await takeTurn(db, patient);
    await refuseForeignTables(db);
    return await migrateUp(db, postgresMigrations);
  } catch (error) {
    throw openingErrorInWords(error);
  } finally {
    await db.destroy();
  }
}

/** Beside the leader's lock, the one of who migrates. */
const migrationLock = [0x6b75_6d61, 2] as const;

/** Whoever waits for another's migration has locked no table yet that control planes need. The end of the connection ends the turn. */
async function takeTurn(db: Kysely<PostgresSchema>, patient: boolean): Promise<void> {
  if (patient) await sql`set lock_timeout = 0`.execute(db);
  await sql`select pg_advisory_lock(${migrationLock[0]}::int, ${migrationLock[1]}::int)`.execute(db);
  await sql`reset lock_timeout`.execute(db);
}

function connect({ postgres, instanceId }: Omit<PostgresStoreOptions, 'log'>) {
  const pool = new ConnectionPool(postgres, `kuma-cp ${instanceId}`);
  return { pool, db: new Kysely<PostgresSchema>({ dialect: new PostgresDialect({ pool }) }) };
}

function connectReplica({ postgres, instanceId }: PostgresStoreOptions): ReadReplica | undefined {
  const { readReplica } = postgres;
  if (!readReplica) return undefined;
  const { host, port, ratio } = readReplica;
  return new ReadReplica(connect({ postgres: { ...postgres, host, port, minConnections: 0 }, instanceId }), ratio);
}

class PostgresStore implements ResourceStore {
  readonly insights: PostgresInsights;
  readonly #options: PostgresStoreOptions;
  readonly #pool: ConnectionPool;
  readonly #db: Kysely<PostgresSchema>;
  readonly #replica: ReadReplica | undefined;
  readonly #table = new ResourceTable();
  readonly #feed = new ChangeFeed();
  readonly #writes: WriteQueue;
  readonly #link: DatabaseLink;
  readonly #members: Members;
  /** Keys that changed since a comparison began. */
  readonly #touched = new Set<string>();
  #catchingUp: Promise<Error | undefined> | undefined;
  #catchUpAgain: Promise<Error | undefined> | undefined;
  #comparing: Promise<void> | undefined;
  #comparison: NodeJS.Timeout | undefined;
  /** Why the database cannot be used. */
  #away: Error | undefined;
  /** When what is in memory was last known to be all there is. */
  #freshAt = Date.now();
  #stale = false;
  #leading = false;
  #closed: Promise<void> | undefined;

  constructor(options: PostgresStoreOptions, pool: ConnectionPool, db: Kysely<PostgresSchema>) {
    this.#options = options;
    this.#pool = pool;
    this.#db = db;
    this.#replica = connectReplica(options);
    this.insights = new PostgresInsights({
      db,
      pool,
      replica: this.#replica,
      writer: options.instanceId,
      away: () => this.#away,
    });
    this.#members = new Members({ db, pool }, options.instanceId, options.log);
    this.#writes = new WriteQueue({
      commit: (writes) => this.#commit(writes),
      committed: (changes) => this.#advance(changes),
      inWords: postgresErrorInWords,
      failsAll: isOutage,
    });
    this.#link = new DatabaseLink({
      postgres: options.postgres,
      application: `kuma-cp ${options.instanceId} link`,
      channels: [changeChannel, insightChannel],
      listener: {
        up: () => this.#linked(),
        notified: (channel, payload) => this.#notified(channel, payload),
        beat: (revision, leading) => this.#beat(revision, leading),
        cutOff: () => this.#cutOff(),
        down: (error) => this.#lost(error),
      },
    });
  }

  async open(): Promise<void> {
    const { revision, resources } = await readAll(this.#db as unknown as Kysely<StoreSchema>);
    this.#table.load(revision, resources);
    await this.#link.open();
    this.#comparison = setInterval(() => void this.#compareNow(), this.#options.postgres.compareInterval ?? compareInterval);
  }

  async get(key: ResourceKey): Promise<Resource | undefined> {
    return this.#table.get(key);
  }

  async list(query: { readonly type: string; readonly mesh?: string }): Promise<readonly Resource[]> {
    return this.#table.list(query);
  }

  async snapshot(): Promise<{ readonly revision: number; readonly resources: readonly Resource[] }> {
    return { revision: this.#table.revision, resources: this.#table.all() };
  }

  async write(ops: readonly WriteOp[]): Promise<readonly (Resource | undefined)[]> {
    if (this.#closed) throw new StoreError('unavailable', 'the store is closed');
    if (this.#away) throw postgresErrorInWords(this.#away);
    if (ops.length === 0) return [];
    const changes = await this.#writes.add(ops);
    return changes.map((change) => change.after);
  }

  subscribe(listener: (changes: readonly Change[]) => void): () => void {
    return this.#feed.subscribe(listener);
  }

  async fresh(): Promise<number | undefined> {
    if (this.#away || this.#closed) return this.staleness();
    let patience: NodeJS.Timeout | undefined;
    const tooLate = new Promise<boolean>((resolve) => {
      patience = setTimeout(() => {
        this.#stale = true;
        resolve(false);
      }, freshnessPatience);
    });
    const upToDate = await Promise.race([this.#catchUp().then((problem) => problem === undefined), tooLate]);
    clearTimeout(patience);
    return upToDate ? undefined : Date.now() - this.#freshAt;
  }

  async current(): Promise<void> {
    const problem = this.#away ?? (await this.#catchUp());
    if (problem) throw postgresErrorInWords(problem);
  }

  staleness(): number | undefined {
    return this.#away || this.#stale ? Date.now() - this.#freshAt : undefined;
  }

  async join(facts: Readonly<Record<string, unknown>>, listener: PeersListener): Promise<void> {
    try {
      await this.#pool.change(() => this.#members.join(facts, listener));
    } catch (error) {
      throw postgresErrorInWords(error);
    }
    this.#link.stand();
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #commit(writes: readonly (readonly WriteOp[])[]): Promise<readonly WriteResult[]> {
    const { instanceId } = this.#options;
    const written = await this.#pool.change(() =>
      writeResources(this.#db, writes, { writer: instanceId, since: this.#table.revision }),
    );
    if (written === 'older') {
      // Looked at as a whole before anything else is written: see #linked.
      this.#link.cut('PostgreSQL shows an older state than before');
      throw new StoreError('unavailable', 'PostgreSQL shows an older state than before: it was restored or replaced', {
        hint: 'repeat the change when the control plane has taken the state over',
      });
    }
    if (written.missed) this.#take(written.missed);
    return written.results;
  }

  async #end(): Promise<void> {
    clearInterval(this.#comparison);
    await this.#writes.idle();
    // Should the database be away, the others see soon enough that this one is gone.
    if (!this.#away) await this.#members.leave().catch(() => {});
    await this.#link.close();
    await Promise.all([this.#db.destroy(), this.#replica?.close()]);
  }

  /** The link is connected, for the first time or again: what happened without it is looked up, deletions and all. */
  async #linked(): Promise<void> {
    await this.#readNews();
    await this.#compare();
    if (this.#away) this.#options.log.info({ awayFor: Date.now() - this.#freshAt }, 'PostgreSQL is back');
    this.#away = undefined;
    this.#fresh(Date.now());
  }

  /** Without the link, reads and writes go on over the pool: both look at the database's revision themselves. */
  #cutOff(): void {
    if (this.#closed) return;
    this.#leading = false;
    this.#members.cutOff();
  }

  #lost(error: Error): void {
    if (this.#closed) return;
    if (!this.#away) {
      this.#options.log.error(
        { err: error },
        'PostgreSQL cannot be reached: changes are refused, and all else goes on from memory',
      );
    }
    this.#away = error;
    this.#leading = false;
    this.#members.lost();
    // Whoever waits for it over another connection would wait in vain.
    this.#pool.cut(error.message);
  }

  #notified(channel: string, payload: string): void {
    if (channel === insightChannel) this.insights.notified(payload);
    if (channel !== changeChannel) return;
    const [revision, writer] = payload.split(' ');
    // What this process wrote it knows in more detail, as soon as the commit is confirmed.
    if (writer === this.#options.instanceId || Number(revision) <= this.#table.revision) return;
    void this.#catchUp();
  }

  #beat(revision: number, leading: boolean): void {
    this.#leading = leading;
    void this.#members.beat(leading);
    if (revision > this.#table.revision) void this.#catchUp();
    else this.#fresh(Date.now());
  }

  #fresh(at: number): void {
    this.#freshAt = at;
    this.#stale = false;
  }

  /**
   * Brings memory to the state that the database has at the time of the call, or a newer one. Never rejects.
   * @returns what kept it from that
   */
  #catchUp(): Promise<Error | undefined> {
    if (this.#catchingUp === undefined) {
      this.#catchingUp = this.#tryToReadNews().finally(() => {
        this.#catchingUp = undefined;
      });
      return this.#catchingUp;
    }
    // The one that runs may have read before the caller's event.
    this.#catchUpAgain ??= this.#catchingUp.then(() => {
      this.#catchUpAgain = undefined;
      return this.#catchUp();
    });
    return this.#catchUpAgain;
  }

  async #tryToReadNews(): Promise<Error | undefined> {
    const asked = Date.now();
    try {
      await this.#readNews();
      if (!this.#away) this.#fresh(asked);
      return undefined;
    } catch (err) {
      if (this.#closed || this.#away) return err as Error;
      this.#stale = true;
      this.#options.log.warn({ err: postgresErrorInWords(err) }, 'changes could not be read from PostgreSQL; it is tried again');
      return err as Error;
    }
  }

  async #readNews(): Promise<void> {
    const since = this.#table.revision;
    const news = await readChanges(this.#db, since);
    if (news.revision < since) {
      // Restored from a backup, or a replica that had not got everything and is the primary now.
      this.#options.log.error(
        { had: since, has: news.revision },
        'PostgreSQL shows an older state than before, which is taken over',
      );
      await this.#compare({ backwards: true });
      return;
    }
    if (news.completeSince > since) await this.#compare();
    this.#take(news);
  }

  /** What others wrote. */
  #take({ revision, states }: NewStates): void {
    this.#advance(states);
    if (revision > this.#table.revision) this.#table.moveTo(revision);
  }

  /** Every change passes here, in order of revision; those that came on another way before are passed over. */
  #advance(states: readonly NewState[]): void {
    const newer = states.filter(({ revision }) => revision > this.#table.revision);
    this.#apply(newer);
  }

  #apply(states: readonly NewState[]): void {
    const changes: Change[] = [];
    for (const { revision, key, after } of states) {
      const before = this.#table.get(key);
      this.#touched.add(keyString(key));
      const change: Change = Object.freeze({ revision, key, ...(before && { before }), ...(after && { after }) });
      this.#table.apply([change]);
      // What came and went without being seen here concerns nobody.
      if (before !== undefined || after !== undefined) changes.push(change);
    }
    this.#feed.publish(changes);
  }

  async #compareNow(): Promise<void> {
    if (this.#away || this.#closed) return;
    try {
      await this.#compare();
      if (this.#leading) await this.#pool.change(() => forgetDeletions(this.#db));
    } catch (err) {
      this.#options.log.warn(
        { err: postgresErrorInWords(err) },
        'memory could not be compared with PostgreSQL; it is tried again later',
      );
    }
  }

  /** Looks at every resource for what the feed should have told and did not. One look at a time. */
  #compare(more: { readonly backwards?: boolean } = {}): Promise<void> {
    this.#comparing ??= this.#lookAtAll(more.backwards ?? false).finally(() => {
      this.#comparing = undefined;
    });
    return this.#comparing;
  }

  async #lookAtAll(backwards: boolean): Promise<void> {
    this.#touched.clear();
    const { revision, fingerprints } = await readFingerprints(this.#db);
    if (backwards) this.#table.moveTo(revision);
    if (revision > this.#table.revision) this.#take(await readChanges(this.#db, this.#table.revision));
    const { other, gone } = differences(this.#table.all(), fingerprints, this.#touched);
    if (other.length === 0 && gone.length === 0) return;
    const found = new Map((await readResources(this.#db, other)).map((resource) => [keyString(resource), resource]));
    if (!backwards) {
      this.#options.log.error({ other: other.length, gone: gone.length }, 'memory differed from PostgreSQL, which is taken over');
    }
    const states = [...other, ...gone].flatMap((key) => {
      const after = found.get(keyString(key));
      // Changed once more since it was looked at: the feed brings it.
      if (this.#touched.has(keyString(key)) || (after !== undefined && after.revision > this.#table.revision)) return [];
      return [{ revision: this.#table.revision, key, after }];
    });
    this.#apply(states);
  }
}
