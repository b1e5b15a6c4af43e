import type { Resource, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import { Kysely } from 'kysely';
import { ChangeFeed } from '../change-feed.ts';
import { ResourceTable } from '../resource-table.ts';
import { migrateUp } from '../sql/migrations.ts';
import { readAll, writeAll } from '../sql/resource-repository.ts';
import type { StoreSchema } from '../sql/schema.ts';
import { createSqlInsightStore } from '../sql/sql-insight-store.ts';
import type { Change, InsightStore, ResourceStore, WriteOp } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { WriteQueue } from '../write-queue.ts';
import { type OpenDatabase, openDatabase } from './open-database.ts';
import { NodeSqliteDialect } from './sqlite-dialect.ts';
import { sqliteErrorInWords } from './sqlite-error.ts';

export interface EmbeddedStoreOptions {
  /** Where `kuma.db` is. */
  readonly dir: string;
  /** Pages of 4 KiB that the file may grow to; beyond, writes fail as they do on a full disk. */
  readonly maxPages?: number;
}

/**
 * A store in one SQLite file, for one process. Every resource is also in memory: the process owns the file, so that what
 * it has written is what there is, and reads cost nothing.
 *
 * @throws StoreError `locked`, `newer-schema`, `unavailable`
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<ResourceStore> {
  const { db, opened } = await openMigrated(options);
  try {
    const table = new ResourceTable();
    const { revision, resources } = await readAll(db);
    table.load(revision, resources);
    return new EmbeddedStore(db, table, opened);
  } catch (error) {
    await closeAll(db, opened);
    throw sqliteErrorInWords(error, opened.file);
  }
}

/** Migrates the file and closes it. @returns names of the migrations that were applied */
export async function migrateEmbeddedStore(options: EmbeddedStoreOptions): Promise<readonly string[]> {
  const { db, opened, applied } = await openMigrated(options);
  await closeAll(db, opened);
  return applied;
}

async function openMigrated(options: EmbeddedStoreOptions) {
  const opened = openInWords(options);
  const db = new Kysely<StoreSchema>({ dialect: new NodeSqliteDialect(opened.database) });
  try {
    return { db, opened, applied: await migrateUp(db) };
  } catch (error) {
    await closeAll(db, opened);
    throw sqliteErrorInWords(error, opened.file);
  }
}

function openInWords(options: EmbeddedStoreOptions): OpenDatabase {
  try {
    return openDatabase(options);
  } catch (error) {
    throw sqliteErrorInWords(error, options.dir);
  }
}

/** The lock last: until then another process must not open the file. */
async function closeAll(db: Kysely<StoreSchema>, opened: OpenDatabase): Promise<void> {
  try {
    await db.destroy();
    if (opened.database.isOpen) opened.database.close();
  } finally {
    opened.unlock();
  }
}

class EmbeddedStore implements ResourceStore {
  readonly insights: InsightStore;
  readonly #table: ResourceTable;
  readonly #feed = new ChangeFeed();
  readonly #writes: WriteQueue;
  readonly #db: Kysely<StoreSchema>;
  readonly #opened: OpenDatabase;
  #closed: Promise<void> | undefined;

  constructor(db: Kysely<StoreSchema>, table: ResourceTable, opened: OpenDatabase) {
    this.#db = db;
    this.#table = table;
    this.#opened = opened;
    const inWords = (error: unknown) => sqliteErrorInWords(error, opened.file);
    this.insights = createSqlInsightStore(db, inWords);
    this.#writes = new WriteQueue({
      commit: (writes) => writeAll(db, writes),
      committed: (changes) => this.#committed(changes),
      inWords,
    });
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
    const changes = await this.#writes.add(ops);
    return changes.map((change) => change.after);
  }

  subscribe(listener: (changes: readonly Change[]) => void): () => void {
    return this.#feed.subscribe(listener);
  }

  close(): Promise<void> {
    this.#closed ??= this.#writes.idle().then(() => closeAll(this.#db, this.#opened));
    return this.#closed;
  }

  #committed(changes: readonly Change[]): void {
    this.#table.apply(changes);
    this.#feed.publish(changes);
  }
}
