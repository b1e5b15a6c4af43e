import { keyString, type Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import { type Kysely, sql, type Transaction } from 'kysely';
import { toResource, toRow } from '../sql/resource-repository.ts';
import type { ResourceRow } from '../sql/schema.ts';
import type { Change, WriteOp } from '../store.ts';
import { concerns, planWrites, type WriteResult } from '../write-plan.ts';
import { changeChannel, type PostgresSchema } from './postgres-schema.ts';
import { keyTable, type NewStates, readChanges, readResources } from './read-changes.ts';

export interface Writing {
  /** Names the writer in the notification. */
  readonly writer: string;
  /** The revision that the writer has seen. */
  readonly since: number;
}

export interface Written {
  /** What others committed between the writer's revision and its own. */
  readonly missed: NewStates | undefined;
  readonly results: readonly WriteResult[];
}

/**
 * Writes all operations of all `writes` in one transaction; those that cannot be done do not hold up the others.
 *
 * The row of `store_revision` is locked from the first statement to the commit: writers of all processes stand in line, so that
 * revisions become visible in their order and a reader that has seen one has seen all before it. That is why nothing but
 * the few statements here happens while it is locked, whatever the number of writes.
 *
 * @returns `older`, with nothing written, when the database shows less than the writer has seen
 */
export function writeResources(
  db: Kysely<PostgresSchema>,
  writes: readonly (readonly WriteOp[])[],
  { writer, since }: Writing,
): Promise<Written | 'older'> {
  return db.transaction().execute(async (trx) => {
    const { revision: locked } = await trx.selectFrom('store_revision').select('revision').forUpdate().executeTakeFirstOrThrow();
    const first = Number(locked);
    if (first < since) return 'older';
    const missed = first > since ? await readChanges(trx, since) : undefined;
    const stored = await readStored(trx, concerns(writes));
    const results = planWrites(writes, { stored, revision: first });
    const changes = results.flatMap((result) => result.changes ?? []);
    if (changes.length > 0) {
      await persist(trx, changes, { before: new Set(stored.map(keyString)), last: changes.at(-1)!.revision, writer });
    }
    return { missed, results };
  });
}

/** How long deletions are remembered: a process that was cut off for longer compares everything. */
const remembered = '1 hour';

/** Drops what is remembered of deletions that everybody has heard of. */
export async function forgetDeletions(db: Kysely<PostgresSchema>): Promise<void> {
  await sql`
    with dropped as (
      delete from tombstones where deleted_at < now() - ${remembered}::interval returning revision
    )
    update store_revision set tombstones_from = greatest(tombstones_from, (select max(revision) from dropped))
    where exists (select from dropped)`.execute(db);
}

async function readStored(
  trx: Transaction<PostgresSchema>,
  { keys, meshes }: ReturnType<typeof concerns>,
): Promise<readonly Resource[]> {
  const stored = await readResources(trx, keys);
  if (meshes.length === 0) return stored;
  const rows = await trx.selectFrom('resources').selectAll().where('mesh', 'in', meshes).execute();
  return [...stored, ...rows.map(toResource)];
}

interface Persisting {
  /** Keys of what is stored. */
  readonly before: ReadonlySet<string>;
  readonly last: number;
  readonly writer: string;
}

/** What the changes come to, in one statement. */
async function persist(
  trx: Transaction<PostgresSchema>,
  changes: readonly Change[],
  { before, last, writer }: Persisting,
): Promise<void> {
  const final = new Map(changes.map((change) => [keyString(change.key), change]));
  const stored = [...final.values()].flatMap(({ after }) => (after ? [toRow(after)] : []));
  const gone = [...final.values()].filter(({ key, after }) => after === undefined && before.has(keyString(key)));
  await sql`
    with stored as (
      insert into resources (type, mesh, name, labels, spec, status, creation_time, modification_time, revision)
      select * from ${rowTable(stored)}
      on conflict (type, mesh, name) do update set labels = excluded.labels, spec = excluded.spec, status = excluded.status,
        creation_time = excluded.creation_time, modification_time = excluded.modification_time, revision = excluded.revision
    ), deleted as (
      delete from resources r using ${keyTable(gone.map(({ key }) => key))}
      where r.type = k.type and r.mesh = k.mesh and r.name = k.name
    ), remembered as (
      insert into tombstones (revision, type, mesh, name)
      select * from unnest(${gone.map(({ revision }) => revision)}::bigint[], ${gone.map(({ key }) => key.type)}::text[],
        ${gone.map(({ key }) => key.mesh)}::text[], ${gone.map(({ key }) => key.name)}::text[])
    ), counted as (
      update store_revision set revision = ${last}
    )
    select pg_notify(${changeChannel}, ${`${last} ${writer}`})`.execute(trx);
}

function rowTable(rows: readonly ResourceRow[]) {
  const column = (name: keyof ResourceRow) => rows.map((row) => row[name]);
  return sql`unnest(${column('type')}::text[], ${column('mesh')}::text[], ${column('name')}::text[], ${column('labels')}::text[],
    ${column('spec')}::text[], ${column('status')}::text[], ${column('creation_time')}::text[],
    ${column('modification_time')}::text[], ${column('revision')}::bigint[])`;
}
