import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What only a store of several processes needs, after the migrations that all stores share. */
export const postgresMigrations: Readonly<Record<string, Migration>> = {
  '0002-several-processes': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('tombstones')
        .addColumn('revision', 'bigint', (column) => column.primaryKey())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('mesh', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('deleted_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .execute();
      // Tombstones up to this revision are gone: whoever has not come further must look at everything.
      await db.schema
        .alterTable('store_revision')
        .addColumn('tombstones_from', 'bigint', (column) => column.notNull().defaultTo(0))
        .execute();
      await db.schema
        .createTable('instances')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('facts', 'text', (column) => column.notNull())
        .addColumn('beats', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
};

export interface TombstoneRow {
  readonly revision: number;
  readonly type: string;
  readonly mesh: string;
  readonly name: string;
  readonly deleted_at: Date;
}

export interface InstanceRow {
  readonly id: string;
  /** JSON. */
  readonly facts: string;
  /** Grows for as long as the instance lives. */
  readonly beats: number;
}
