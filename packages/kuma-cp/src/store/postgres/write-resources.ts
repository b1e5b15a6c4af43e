import { keyString, type Resource, type ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import { type Kysely, sql, type Transaction } from 'kysely';
import { toRow, type WriteResult } from '../sql/resource-repository.ts';
import type { ResourceRow } from '../sql/schema.ts';
import type { Change, WriteOp } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { planWrite } from '../write-plan.ts';
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
 * @throws StoreError `unavailable` when the database shows less than the writer has seen
 */
export function writeResources(
  db: Kysely<PostgresSchema>,
  writes: readonly (readonly WriteOp[])[],
  { writer, since }: Writing,
): Promise<Written> {
  return db.transaction().execute(async (trx) => {
    const { revision: locked } = await trx.selectFrom('store_revision').select('revision').forUpdate().executeTakeFirstOrThrow();
    const first = Number(locked);
    if (first < since)
      throw new StoreError('unavailable', 'PostgreSQL shows an older state than before; it was restored or replaced');
    const missed = first > since ? await readChanges(trx, since) : undefined;
    const keys = uniqueKeys(writes);
    const before = new Map((await readResources(trx, keys)).map((resource) => [keyString(resource), resource]));
    const current = new Map<string, Resource | undefined>(before);
    const now = new Date();
    let last = first;
    const results = writes.map((ops): WriteResult => {
      try {
        const changes = planWrite(ops, { current: (key) => current.get(keyString(key)), revision: last, now });
        for (const { key, after } of changes) current.set(keyString(key), after);
        last += changes.length;
        return { changes };
      } catch (error) {
        return { refused: error };
      }
    });
    if (last > first)
      await persist(
        trx,
        results.flatMap((result) => result.changes ?? []),
        { before, last, writer },
      );
    return { missed, results };
  });
}

function uniqueKeys(writes: readonly (readonly WriteOp[])[]): readonly ResourceKey[] {
  const keys = writes.flat().map((op) => (op.op === 'delete' ? op.key : op.draft));
  return [...new Map(keys.map((key) => [keyString(key), key])).values()];
}

interface Persisting {
  readonly before: ReadonlyMap<string, Resource>;
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
