import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { StoreError } from '../store-error.ts';

const initial: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('resources')
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('mesh', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('labels', 'text', (column) => column.notNull())
      .addColumn('spec', 'text', (column) => column.notNull())
      .addColumn('status', 'text')
      .addColumn('creation_time', 'text', (column) => column.notNull())
      .addColumn('modification_time', 'text', (column) => column.notNull())
      .addColumn('revision', 'bigint', (column) => column.notNull().unique())
      .addPrimaryKeyConstraint('resources_key', ['type', 'mesh', 'name'])
      .execute();
    await db.schema
      .createTable('insights')
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('mesh', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('spec', 'text', (column) => column.notNull())
      .addColumn('creation_time', 'text', (column) => column.notNull())
      .addColumn('modification_time', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('insights_key', ['type', 'mesh', 'name'])
      .execute();
    await db.schema
      .createTable('store_revision')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .execute();
    await sql`insert into store_revision (id, revision) values (1, 0)`.execute(db);
  },
};

/** In order of their names. A released migration is never changed: a new one follows it. */
const sharedMigrations: Readonly<Record<string, Migration>> = { '0001-initial': initial };

/**
 * Brings the schema up to this version's; does nothing when it is. All of it or nothing.
 * @param own migrations of one kind of database, after those that all share
 * @returns names of the migrations that were applied
 * @throws StoreError `newer-schema` when a newer kuma-cp has migrated the store
 */
export async function migrateUp<Schema>(
  db: Kysely<Schema>,
  own: Readonly<Record<string, Migration>> = {},
): Promise<readonly string[]> {
  const migrations = { ...sharedMigrations, ...own };
  await refuseNewerSchema(db, migrations);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error) throw error;
  return (results ?? []).map((result) => result.migrationName);
}

async function refuseNewerSchema<Schema>(db: Kysely<Schema>, migrations: Readonly<Record<string, Migration>>): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return;
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  const unknown = rows.find((row) => !Object.hasOwn(migrations, row.name));
  if (!unknown) return;
  throw new StoreError('newer-schema', `the store was written by a newer kuma-cp (its schema has "${unknown.name}")`, {
    hint: 'run that version of kuma-cp, or point this one at another store',
  });
}
