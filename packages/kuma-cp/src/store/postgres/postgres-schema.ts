import type { RevisionRow, StoreSchema } from '../sql/schema.ts';
import type { InstanceRow, TombstoneRow } from './migrations.ts';

/** The tables that all SQL stores share, and those of a store of several processes. */
export interface PostgresSchema extends Omit<StoreSchema, 'store_revision'> {
  readonly store_revision: RevisionRow & { readonly tombstones_from: number };
  readonly tombstones: TombstoneRow;
  readonly instances: InstanceRow;
}

/** Told with the number of a committed revision and who wrote it, as `<revision> <writer>`. */
export const changeChannel = 'kuma_changes';
/** Told with the keys of insights whose news others wait for, one a line. */
export const insightChannel = 'kuma_insights';
