import type { Resource, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import { type Kysely, sql } from 'kysely';
import { toResource } from '../sql/resource-repository.ts';
import type { ResourceRow } from '../sql/schema.ts';
import type { PostgresSchema } from './postgres-schema.ts';

/** What a resource became, whatever happened to it in between. */
export interface NewState {
  readonly revision: number;
  readonly key: ResourceKey;
  /** Undefined when it is gone. */
  readonly after?: Resource | undefined;
}

export interface NewStates {
  /** Of the store. */
  readonly revision: number;
  /** In order of revision. */
  readonly states: readonly NewState[];
  /** Deletions are remembered only since then: a reader from before may have missed some. */
  readonly completeSince: number;
}

type ChangeRow = ResourceRow & { readonly what: 'revision' | 'stored' | 'deleted'; readonly tombstones_from: string };

/** One statement, and so one state of the database: nothing of it is newer than the revision that it gives. */
export async function readChanges(db: Kysely<PostgresSchema>, since: number): Promise<NewStates> {
  const { rows } = await sql<ChangeRow>`
    select 'revision' as what, '' as type, '' as mesh, '' as name, '' as labels, '' as spec, null as status,
      '' as creation_time, '' as modification_time, revision, tombstones_from from store_revision
    union all
    select 'stored', type, mesh, name, labels, spec, status, creation_time, modification_time, revision, 0
      from resources where revision > ${since}
    union all
    select 'deleted', type, mesh, name, '', '', null, '', '', revision, 0
      from tombstones where revision > ${since}`.execute(db);
  const store = rows.find(({ what }) => what === 'revision')!;
  const states = rows.filter(({ what }) => what !== 'revision').map(toState);
  return {
    revision: Number(store.revision),
    completeSince: Number(store.tombstones_from),
    states: states.sort((a, b) => a.revision - b.revision),
  };
}

function toState(row: ChangeRow): NewState {
  const { type, mesh, name } = row;
  return {
    revision: Number(row.revision),
    key: Object.freeze({ type, mesh, name }),
    after: row.what === 'stored' ? toResource(row) : undefined,
  };
}

/** What tells one state of a resource from another, without the resource. */
export interface Fingerprint {
  readonly key: ResourceKey;
  readonly revision: number;
  /** Two databases that went apart may have given the same revision to two writes. */
  readonly modificationTime: string;
}

/** All resources, as one state of the database shows them. */
export async function readFingerprints(
  db: Kysely<PostgresSchema>,
): Promise<{ readonly revision: number; readonly fingerprints: readonly Fingerprint[] }> {
  const { rows } = await sql<{ type: string | null; mesh: string; name: string; at: string; of: string; revision: string }>`
    select r.type, r.mesh, r.name, r.modification_time as at, r.revision as of, s.revision
    from store_revision s left join resources r on true`.execute(db);
  const fingerprints = rows.flatMap(({ type, mesh, name, at, of }) =>
    type === null ? [] : [{ key: { type, mesh, name }, revision: Number(of), modificationTime: at }],
  );
  return { revision: Number(rows[0]!.revision), fingerprints };
}

/** The resources of these keys that there are. */
export async function readResources(db: Kysely<PostgresSchema>, keys: readonly ResourceKey[]): Promise<readonly Resource[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<ResourceRow>`
    select r.* from ${keyTable(keys)} join resources r on r.type = k.type and r.mesh = k.mesh and r.name = k.name`.execute(db);
  return rows.map(toResource);
}

/** Keys as a table `k`: one statement, whatever their number. */
export function keyTable(keys: readonly ResourceKey[]) {
  const [types, meshes, names] = (['type', 'mesh', 'name'] as const).map((part) => keys.map((key) => key[part]));
  return sql`unnest(${types}::text[], ${meshes}::text[], ${names}::text[]) as k(type, mesh, name)`;
}
