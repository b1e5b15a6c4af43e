import { keyString, type ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import { type Kysely, sql } from 'kysely';
import { byMeshAndName } from '../resource-table.ts';
import type { InsightRow } from '../sql/schema.ts';
import { toInsight, toInsightRow } from '../sql/sql-insight-store.ts';
import type { Insight, InsightStore } from '../store.ts';
import { GatheredReads } from './gathered-reads.ts';
import { postgresErrorInWords } from './postgres-error.ts';
import type { ConnectionPool } from './postgres-pool.ts';
import { insightChannel, type PostgresSchema } from './postgres-schema.ts';
import { keyTable } from './read-changes.ts';
import type { ReadReplica } from './read-replica.ts';

export interface PostgresInsightsOptions {
  readonly db: Kysely<PostgresSchema>;
  /** Where `db` gets its connections. */
  readonly pool: ConnectionPool;
  /** Answers lists. */
  readonly replica: ReadReplica | undefined;
  /** Names this process in what it tells the others. */
  readonly writer: string;
  /** Why the database cannot be used now. */
  readonly away: () => Error | undefined;
}

/** PostgreSQL takes 7999 bytes. */
const longestPayload = 7900;

/** Insights in a table of their own, many in a statement; what is news is told to the other processes. */
export class PostgresInsights implements InsightStore {
  readonly #options: PostgresInsightsOptions;
  readonly #listeners = new Set<(keys: readonly ResourceKey[]) => void>();
  readonly #gathered = new GatheredReads<Insight>((keys) => this.getMany(keys));

  constructor(options: PostgresInsightsOptions) {
    this.#options = options;
  }

  get(key: ResourceKey): Promise<Insight | undefined> {
    return this.#gathered.get(key);
  }

  async getMany(keys: readonly ResourceKey[]): Promise<readonly Insight[]> {
    if (keys.length === 0) return [];
    return this.#ask(async () => {
      const { rows } = await sql<InsightRow>`
        select i.* from ${keyTable(keys)} join insights i on i.type = k.type and i.mesh = k.mesh and i.name = k.name`.execute(
        this.#options.db,
      );
      return rows.map(toInsight);
    });
  }

  list(query: { readonly type: string; readonly mesh?: string }): Promise<readonly Insight[]> {
    const { db, replica } = this.#options;
    const read = async (from: Kysely<PostgresSchema>) => {
      const all = from.selectFrom('insights').selectAll().where('type', '=', query.type);
      const rows = await (query.mesh === undefined ? all : all.where('mesh', '=', query.mesh)).execute();
      // Databases sort text as their language does.
      return rows.map(toInsight).sort(byMeshAndName);
    };
    return this.#ask(() => (replica ? replica.read(read, db) : read(db)));
  }

  putMany(insights: readonly Insight[], news: readonly ResourceKey[] = []): Promise<void> {
    // The last one wins, and a statement must not meet a row twice.
    const rows = [...new Map(insights.map((insight) => [keyString(insight), toInsightRow(insight)])).values()];
    if (rows.length === 0) return Promise.resolve();
    // In one order, so that two processes never wait for each other.
    rows.sort((a, b) => (a.type === b.type ? byMeshAndName(a, b) : a.type < b.type ? -1 : 1));
    const column = (name: keyof InsightRow) => rows.map((row) => row[name]);
    return this.#change(async () => {
      await sql`
        with told as (select pg_notify(${insightChannel}, payload) from unnest(${this.#payloads(news)}::text[]) as payload),
        counted as (select count(*) from told)
        insert into insights (type, mesh, name, spec, creation_time, modification_time)
        select u.* from unnest(${column('type')}::text[], ${column('mesh')}::text[], ${column('name')}::text[],
          ${column('spec')}::text[], ${column('creation_time')}::text[], ${column('modification_time')}::text[]) as u, counted
        on conflict (type, mesh, name) do update set spec = excluded.spec, creation_time = excluded.creation_time,
          modification_time = excluded.modification_time`.execute(this.#options.db);
    });
  }

  deleteMany(keys: readonly ResourceKey[]): Promise<void> {
    if (keys.length === 0) return Promise.resolve();
    return this.#change(async () => {
      await sql`delete from insights i using ${keyTable(keys)} where i.type = k.type and i.mesh = k.mesh and i.name = k.name`.execute(
        this.#options.db,
      );
    });
  }

  subscribe(listener: (keys: readonly ResourceKey[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What was heard on the channel. */
  notified(payload: string): void {
    const [writer, ...lines] = payload.split('\n');
    if (writer === this.#options.writer) return;
    const keys = lines.map((line): ResourceKey => {
      const [type = '', mesh = '', name = ''] = line.split('/');
      return { type, mesh, name };
    });
    for (const listener of this.#listeners) listener(keys);
  }

  #change(work: () => Promise<void>): Promise<void> {
    return this.#ask(() => this.#options.pool.change(work));
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      const away = this.#options.away();
      if (away) throw away;
      return await work();
    } catch (error) {
      throw postgresErrorInWords(error);
    }
  }

  #payloads(news: readonly ResourceKey[]): readonly string[] {
    const payloads: string[] = [];
    let payload = '';
    for (const { type, mesh, name } of news) {
      // Names of resources hold no slash.
      const line = `\n${type}/${mesh}/${name}`;
      if (payload !== '' && Buffer.byteLength(payload) + Buffer.byteLength(line) > longestPayload) {
        payloads.push(payload);
        payload = '';
      }
      if (payload === '') payload = this.#options.writer;
      payload += line;
    }
    return payload === '' ? payloads : [...payloads, payload];
  }
}
