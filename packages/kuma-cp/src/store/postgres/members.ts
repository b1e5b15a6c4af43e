import { type Kysely, sql } from 'kysely';
import type { Logger } from 'pino';
import type { PeersListener } from '../store.ts';
import type { ConnectionPool } from './postgres-pool.ts';
import type { PostgresSchema } from './postgres-schema.ts';

type Facts = Readonly<Record<string, unknown>>;

/** An instance whose row stands still for so many looks in a row is dead. Its sidecars must have left it before (`keepalive`). */
const patience = 16;
/** Between two looks, at least. Milliseconds. */
const lookInterval = 1900;

interface Sight {
  readonly facts: Facts;
  readonly beats: number;
  /** Looks for which `beats` was the same. */
  readonly still: number;
}

/**
 * Who else is on the database. Every process moves a counter in a row of its own and looks at those of the others; that a
 * counter stands still is judged by looks, not by clocks, so that nobody seems dead because the database was away.
 */
export class Members {
  readonly #db: Kysely<PostgresSchema>;
  readonly #pool: ConnectionPool;
  readonly #self: string;
  readonly #log: Logger;
  #sights: ReadonlyMap<string, Sight> = new Map();
  #facts: Facts | undefined;
  #listener: PeersListener = () => {};
  #looking = false;
  #lookedAt = 0;
  #leading = false;
  #connectedSince: number | undefined;
  #told = '';

  constructor({ db, pool }: { readonly db: Kysely<PostgresSchema>; readonly pool: ConnectionPool }, self: string, log: Logger) {
    this.#db = db;
    this.#pool = pool;
    this.#self = self;
    this.#log = log;
  }

  get joined(): boolean {
    return this.#facts !== undefined;
  }

  async join(facts: Facts, listener: PeersListener): Promise<void> {
    this.#facts = facts;
    this.#listener = listener;
    this.#connectedSince = Date.now();
    await this.#look(facts);
    this.#tell();
  }

  /** The database has answered. */
  async beat(leading: boolean): Promise<void> {
    const facts = this.#facts;
    if (facts === undefined) return;
    this.#leading = leading;
    this.#connectedSince ??= Date.now();
    if (!this.#looking && Date.now() - this.#lookedAt >= lookInterval) {
      this.#looking = true;
      this.#lookedAt = Date.now();
      try {
        await this.#pool.change(() => this.#look(facts));
      } catch (err) {
        this.#log.debug({ err }, 'the other control planes could not be looked for');
      }
      this.#looking = false;
    }
    this.#tell();
  }

  /** Whoever else reaches the database may lead. */
  cutOff(): void {
    this.#leading = false;
    this.#tell();
  }

  /** The database is not reached. */
  lost(): void {
    this.#leading = false;
    this.#connectedSince = undefined;
    this.#tell();
  }

  async leave(): Promise<void> {
    if (this.#facts === undefined) return;
    this.#facts = undefined;
    await this.#pool.change(() => this.#db.deleteFrom('instances').where('id', '=', this.#self).execute());
  }

  async #look(facts: Facts): Promise<void> {
    const { rows } = await sql<{ id: string; facts: string; beats: string }>`
      with mine as (
        insert into instances (id, facts, beats) values (${this.#self}, ${JSON.stringify(facts)}, 1)
        on conflict (id) do update set beats = instances.beats + 1, facts = excluded.facts
      )
      select id, facts, beats from instances where id <> ${this.#self}`.execute(this.#db);
    const before = this.#sights;
    this.#sights = new Map(
      rows.map(({ id, facts, beats }) => {
        const last = before.get(id);
        const still = last?.beats === Number(beats) ? last.still + 1 : 0;
        return [id, { facts: JSON.parse(facts), beats: Number(beats), still }];
      }),
    );
    const dead = [...this.#sights].flatMap(([id, { still }]) => (still >= patience ? [id] : []));
    if (this.#leading && dead.length > 0) await this.#db.deleteFrom('instances').where('id', 'in', dead).execute();
  }

  #tell(): void {
    if (this.#facts === undefined) return;
    const living = [...this.#sights].filter(([, { still }]) => still < patience);
    const instances = new Map([[this.#self, this.#facts], ...living.map(([id, { facts }]) => [id, facts] as const)]);
    const peers = { leading: this.#leading, instances, connectedSince: this.#connectedSince };
    const content = JSON.stringify({ ...peers, instances: [...instances] });
    if (content === this.#told) return;
    this.#told = content;
    this.#listener(peers);
  }
}
