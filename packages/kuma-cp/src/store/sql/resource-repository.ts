import { deepFreeze } from '@kuma-mesh/core-model/resources/freeze.ts';
import type { Resource, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { Kysely, Transaction } from 'kysely';
import type { Change, WriteOp } from '../store.ts';
import { concerns, planWrites, type WriteResult } from '../write-plan.ts';
import type { ResourceRow, StoreSchema } from './schema.ts';

type Db = Kysely<StoreSchema>;

/** Every resource, and the revision that shows them. */
export async function readAll(db: Db): Promise<{ readonly revision: number; readonly resources: readonly Resource[] }> {
  return db.transaction().execute(async (trx) => {
    const { revision } = await trx.selectFrom('store_revision').select('revision').executeTakeFirstOrThrow();
    const rows = await trx.selectFrom('resources').selectAll().execute();
    return { revision: Number(revision), resources: rows.map(toResource) };
  });
}

/**
 * Writes all operations of all `writes` in one transaction. Writes that cannot be done do not hold up the others.
 * @returns of each write its changes, or why it was refused
 */
export async function writeAll(db: Db, writes: readonly (readonly WriteOp[])[]): Promise<readonly WriteResult[]> {
  return db.transaction().execute(async (trx) => {
    // First of all, so that writers of other processes wait here and what is read below is the newest.
    const { revision } = await trx
      .updateTable('store_revision')
      .set((eb) => ({ revision: eb('revision', '+', 0) }))
      .returning('revision')
      .executeTakeFirstOrThrow();
    const results = planWrites(writes, { stored: await readStored(trx, concerns(writes)), revision: Number(revision) });
    const changes = results.flatMap((result) => result.changes ?? []);
    for (const change of changes) await persist(trx, change);
    const last = changes.at(-1)?.revision;
    if (last !== undefined) await trx.updateTable('store_revision').set({ revision: last }).execute();
    return results;
  });
}

async function readStored(
  trx: Transaction<StoreSchema>,
  { keys, meshes }: ReturnType<typeof concerns>,
): Promise<readonly Resource[]> {
  const rows: ResourceRow[] = [];
  for (const key of keys) {
    const row = await trx
      .selectFrom('resources')
      .selectAll()
      .where((eb) => eb.and(keyColumns(key)))
      .executeTakeFirst();
    if (row) rows.push(row);
  }
  if (meshes.length > 0) rows.push(...(await trx.selectFrom('resources').selectAll().where('mesh', 'in', meshes).execute()));
  return rows.map(toResource);
}

async function persist(trx: Transaction<StoreSchema>, { key, before, after }: Change): Promise<void> {
  if (!after)
    await trx
      .deleteFrom('resources')
      .where((eb) => eb.and(keyColumns(key)))
      .execute();
  else if (before)
    await trx
      .updateTable('resources')
      .set(toRow(after))
      .where((eb) => eb.and(keyColumns(key)))
      .execute();
  else await trx.insertInto('resources').values(toRow(after)).execute();
}

function keyColumns(key: ResourceKey): { readonly type: string; readonly mesh: string; readonly name: string } {
  return { type: key.type, mesh: key.mesh, name: key.name };
}

export function toRow(resource: Resource): ResourceRow {
  return {
    ...keyColumns(resource),
    labels: JSON.stringify(resource.labels),
    spec: JSON.stringify(resource.spec),
    status: resource.status === undefined ? null : JSON.stringify(resource.status),
    creation_time: resource.creationTime,
    modification_time: resource.modificationTime,
    revision: resource.revision,
  };
}

export function toResource(row: ResourceRow): Resource {
  return Object.freeze({
    type: row.type,
    mesh: row.mesh,
    name: row.name,
    labels: deepFreeze(JSON.parse(row.labels)),
    spec: deepFreeze(JSON.parse(row.spec)),
    ...(row.status !== null && { status: deepFreeze(JSON.parse(row.status)) }),
    creationTime: row.creation_time,
    modificationTime: row.modification_time,
    revision: Number(row.revision),
  });
}
