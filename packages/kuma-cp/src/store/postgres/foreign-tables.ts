import type { Kysely } from 'kysely';
import { StoreError } from '../store-error.ts';

const ours = ['resources', 'insights', 'store_revision'];

/** @throws StoreError when the database belongs to another program, which our migrations would only fail on */
export async function refuseForeignTables<Schema>(db: Kysely<Schema>): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (tables.some(({ name }) => name === 'kysely_migration')) return;
  const taken = tables.find(({ name }) => ours.includes(name));
  if (!taken) return;
  throw new StoreError('unavailable', `the database has a table "${taken.name}" that this kuma-cp did not make`, {
    hint: 'give kuma-cp a database of its own; resources of another control plane come over with kumactl export and kumactl apply',
  });
}
