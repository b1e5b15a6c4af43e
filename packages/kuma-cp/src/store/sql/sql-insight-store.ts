import { deepFreeze } from '@kuma-mesh/core-model/resources/freeze.ts';
import type { ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { Kysely } from 'kysely';
import type { Insight, InsightStore } from '../store.ts';
import type { InsightRow, StoreSchema } from './schema.ts';

/**
 * Insights in their own table: no revision, no feed.
 * @param inWords turns a driver's error into a StoreError
 */
export function createSqlInsightStore(db: Kysely<StoreSchema>, inWords: (error: unknown) => unknown): InsightStore {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw inWords(error);
    }
  };
  const read = async (key: ResourceKey): Promise<Insight | undefined> => {
    const row = await db
      .selectFrom('insights')
      .selectAll()
      .where((eb) => eb.and(keyColumns(key)))
      .executeTakeFirst();
    return row && toInsight(row);
  };
  return {
    get: (key) => guarded(() => read(key)),
    getMany: (keys) =>
      guarded(async () => {
        const found: Insight[] = [];
        for (const key of keys) found.push(...[(await read(key)) ?? []].flat());
        return found;
      }),
    list: ({ type, mesh }) =>
      guarded(async () => {
        const all = db.selectFrom('insights').selectAll().where('type', '=', type).orderBy('mesh').orderBy('name');
        const rows = await (mesh === undefined ? all : all.where('mesh', '=', mesh)).execute();
        return rows.map(toInsight);
      }),
    putMany: (insights) =>
      guarded(async () => {
        if (insights.length === 0) return;
        await db.transaction().execute(async (trx) => {
          for (const insight of insights) {
            await trx
              .insertInto('insights')
              .values(toInsightRow(insight))
              .onConflict((conflict) =>
                conflict.columns(['type', 'mesh', 'name']).doUpdateSet({
                  spec: (eb) => eb.ref('excluded.spec'),
                  creation_time: (eb) => eb.ref('excluded.creation_time'),
                  modification_time: (eb) => eb.ref('excluded.modification_time'),
                }),
              )
              .execute();
          }
        });
      }),
    deleteMany: (keys) =>
      guarded(async () => {
        if (keys.length === 0) return;
        await db.transaction().execute(async (trx) => {
          for (const key of keys) {
            await trx
              .deleteFrom('insights')
              .where((eb) => eb.and(keyColumns(key)))
              .execute();
          }
        });
      }),
  };
}

function keyColumns(key: ResourceKey): { readonly type: string; readonly mesh: string; readonly name: string } {
  return { type: key.type, mesh: key.mesh, name: key.name };
}

export function toInsightRow(insight: Insight): InsightRow {
  return {
    ...keyColumns(insight),
    spec: JSON.stringify(insight.spec),
    creation_time: insight.creationTime,
    modification_time: insight.modificationTime,
  };
}

export function toInsight(row: InsightRow): Insight {
  return Object.freeze({
    ...keyColumns(row),
    creationTime: row.creation_time,
    modificationTime: row.modification_time,
    spec: deepFreeze(JSON.parse(row.spec)),
  });
}
