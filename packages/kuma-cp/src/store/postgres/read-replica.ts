import type { Kysely } from 'kysely';
import type { ConnectionPool } from './postgres-pool.ts';
import type { PostgresSchema } from './postgres-schema.ts';

/** Until a replica is not waited for any longer, and for how long it is left alone then. Milliseconds. */
const patience = 2_000;
const rest = 10_000;

/** A server that answers lists in the primary's place, so many of a hundred; without it, or while it does not answer, the primary does. */
export class ReadReplica {
  readonly #pool: ConnectionPool;
  readonly #db: Kysely<PostgresSchema>;
  readonly #ratio: number;
  #leftAloneUntil = 0;

  constructor({ pool, db }: { readonly pool: ConnectionPool; readonly db: Kysely<PostgresSchema> }, ratio: number) {
    this.#pool = pool;
    this.#db = db;
    this.#ratio = ratio;
  }

  async read<T>(read: (db: Kysely<PostgresSchema>) => Promise<T>, primary: Kysely<PostgresSchema>): Promise<T> {
    if (Math.random() * 100 >= this.#ratio || Date.now() < this.#leftAloneUntil) return read(primary);
    const late = setTimeout(() => this.#pool.cut(`no answer of the replica for ${patience / 1000} s`), patience);
    try {
      return await read(this.#db);
    } catch {
      this.#leftAloneUntil = Date.now() + rest;
      return read(primary);
    } finally {
      clearTimeout(late);
    }
  }

  close(): Promise<void> {
    return this.#db.destroy();
  }
}
