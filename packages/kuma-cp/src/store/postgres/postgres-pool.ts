import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { PostgresPool } from 'kysely';
import { Pool, type PoolClient } from 'pg';
import { clientConfig } from './postgres-client.ts';
import { isOutOfConnections } from './postgres-error.ts';
import type { PostgresOptions } from './postgres-options.ts';

/** For which a change waits for its answer: longer than the server makes it wait for another one. Milliseconds. */
const longestChange = 10_000;
/** Between two tries to get a connection when the server has none left. Milliseconds. */
const retryInterval = 50;

/**
 * Connections to one server; a silent server can be given up without waiting for it. A server under load takes a tenth of a
 * second to open one: they are opened one at a time, and nobody waits for one where another is free before it is there.
 */
export class ConnectionPool implements PostgresPool {
  readonly #pool: Pool;
  readonly #patience: number;
  readonly #longestChange: number;
  readonly #most: number;
  #growing = false;
  readonly #sockets = new Set<Socket>();

  constructor(options: PostgresOptions, application: string) {
    this.#patience = options.connectionTimeout;
    this.#longestChange = options.longestChange ?? longestChange;
    this.#most = options.maxConnections;
    const lifetime = options.maxLifetime + Math.random() * options.maxLifetimeJitter;
    this.#pool = new Pool({
      ...clientConfig(options, application, (socket) => this.#opened(socket)),
      min: Math.min(options.minConnections, options.maxConnections),
      max: 1,
      idleTimeoutMillis: options.maxIdleTime,
      maxLifetimeSeconds: Math.ceil(lifetime / 1000),
    });
    // Whoever uses a connection hears of its end by the query that fails; nobody uses an idle one.
    const ignore = () => {};
    this.#pool.on('error', ignore);
    this.#pool.on('connect', (client) => client.on('error', ignore));
  }

  get options(): object {
    return this.#pool.options;
  }

  /** Whom the server gives no connection of its own gets one that others of this pool are done with. */
  async connect(): Promise<PoolClient> {
    const end = performance.now() + this.#patience;
    for (;;) {
      void this.#grow();
      try {
        return await this.#pool.connect();
      } catch (error) {
        if (!isOutOfConnections(error) || this.#pool.ending || performance.now() > end) throw error;
      }
      await pause(retryInterval * (0.5 + Math.random()));
    }
  }

  /**
   * Waits for a change no longer than is sensible. A commit that waits for a disk, or for a standby that is to confirm it, ends
   * by no timeout of the server's; whoever gives it up does not know what becomes of it.
   */
  async change<T>(work: () => Promise<T>): Promise<T> {
    let gaveUp: Error | undefined;
    const late = setTimeout(() => {
      gaveUp = new Error(`no answer to a change for ${this.#longestChange / 1000} s`);
      this.cut(gaveUp.message);
    }, this.#longestChange);
    try {
      return await work();
    } catch (error) {
      // Who tries to roll back over a connection that is gone fails of that.
      throw gaveUp ?? error;
    } finally {
      clearTimeout(late);
    }
  }

  /** Ends every connection at once; what waits for an answer fails. New ones are opened when they are needed. */
  cut(reason: string): void {
    for (const socket of this.#sockets) socket.destroy(new Error(reason));
  }

  async end(): Promise<void> {
    const ended = this.#pool.end();
    const insist = setTimeout(() => this.cut('the store is being closed'), 2000);
    await ended;
    clearTimeout(insist);
  }

  /** Opens one more for those who wait: as the pool counts as full meanwhile, they stand in line for whichever is free first. */
  async #grow(): Promise<void> {
    const pool = this.#pool;
    pool.options.max = Math.max(1, pool.totalCount);
    if (this.#growing || pool.totalCount === 0 || pool.totalCount >= this.#most) return;
    if (pool.idleCount > pool.waitingCount) return;
    this.#growing = true;
    pool.options.max = pool.totalCount + 1;
    try {
      (await pool.connect()).release();
    } catch {
      await pause(retryInterval);
    }
    this.#growing = false;
    if (pool.waitingCount > 0 && !pool.ending) void this.#grow();
  }

  #opened(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
