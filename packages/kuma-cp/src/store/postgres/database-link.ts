import type { Socket } from 'node:net';
import { Client, type Notification } from 'pg';
import { clientConfig } from './postgres-client.ts';
import type { PostgresOptions } from './postgres-options.ts';

export interface LinkListener {
  /** Connected and listening; what this returns is waited for before the link counts as up. */
  readonly up: () => Promise<void>;
  readonly notified: (channel: string, payload: string) => void;
  /** The database has answered a beat: the store's revision, and whether this link holds the lock of the leader. */
  readonly beat: (revision: number, leader: boolean) => void;
  /** The connection is gone, or in doubt: whoever else reaches the database may lead. It is tried again at once. */
  readonly cutOff: () => void;
  /** The database is not reached any more, or still not; it is tried again. */
  readonly down: (error: Error) => void;
}

export interface LinkOptions {
  readonly postgres: PostgresOptions;
  readonly application: string;
  readonly channels: readonly string[];
  readonly listener: LinkListener;
}

/** Between two signs of life that the database is asked for. Milliseconds. */
const beatInterval = 1000;
/** PostgreSQL takes the lock from a leader that stands still for so long, and the others see it a beat later. Milliseconds. */
const silence = 3500;
/** A connection that ended is no news, should there be another one within this time. Milliseconds. */
const grace = 1000;
/** Between two tries to connect. Milliseconds. */
const firstRetry = 100;
const longestRetry = 2000;

/** PostgreSQL's `admin_shutdown`: a connection that it had taken has been ended. */
const adminShutdown = '57P01';

/** Two numbers that name an advisory lock: ours among those of the database, and the leader's among ours. */
const leaderLock = [0x6b75_6d61, 1] as const;

/**
 * The one connection that is always open: hears notifications, shows by its beat whether the database is there, and holds
 * the lock of the leader, so that whoever is cut off leads no more. Without the database it tries to get back.
 */
export class DatabaseLink {
  readonly #options: LinkOptions;
  #client: Client | undefined;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #leader = false;
  #candidate = false;
  #failures = 0;
  #silent = false;
  #closed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** @throws the driver's error when the database cannot be reached now */
  async open(): Promise<void> {
    await this.#connect();
  }

  /** Tries to lead from the next beat on. */
  stand(): void {
    this.#candidate = true;
    if (this.#client) this.#beat(this.#client);
  }

  /** Gives the connection up, as if the database had: what was heard over it is in doubt. */
  cut(reason: string): void {
    this.#socket?.destroy(new Error(reason));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    const insist = setTimeout(() => this.#socket?.destroy(), 1000);
    await client?.end().catch(() => {});
    clearTimeout(insist);
  }

  async #connect(): Promise<void> {
    const { postgres, application, listener } = this.#options;
    let opened: Socket | undefined;
    const client = new Client(
      clientConfig(postgres, application, (socket) => {
        opened = socket;
        this.#socket = socket;
      }),
    );
    const ended = Promise.withResolvers<Error>();
    client.on('error', (error) => ended.resolve(error));
    client.on('end', () => ended.resolve(new Error('the connection was closed')));
    client.on('notification', ({ channel, payload = '' }: Notification) => listener.notified(channel, payload));
    const giveUp = setTimeout(() => ended.resolve(new Error(noAnswer(postgres))), 2 * postgres.connectionTimeout);
    try {
      await Promise.race([ended.promise.then(thrown), this.#setUp(client)]);
    } catch (error) {
      opened?.destroy();
      throw error;
    } finally {
      clearTimeout(giveUp);
    }
    if (this.#closed) {
      opened?.destroy();
      return;
    }
    this.#client = client;
    this.#failures = 0;
    void ended.promise.then((error) => this.#lost(client, error));
    this.#beat(client);
  }

  async #setUp(client: Client): Promise<void> {
    await client.connect();
    await client.query(this.#options.channels.map((channel) => `listen ${channel}`).join('; '));
    await this.#options.listener.up();
  }

  #lost(client: Client, error: Error): void {
    if (this.#closed || this.#client !== client) return;
    clearTimeout(this.#timer);
    this.#client = undefined;
    this.#socket?.destroy();
    this.#leader = false;
    this.#options.listener.cutOff();
    if (this.#silent) this.#options.listener.down(error);
    this.#silent = false;
    void this.#comeBack(error);
  }

  /** Connections end for many reasons; that the database is away is seen when there is no other one soon. */
  async #comeBack(lostBy: Error): Promise<void> {
    const { down } = this.#options.listener;
    const deadline = performance.now() + grace;
    const late = setTimeout(() => down(lostBy), grace);
    let problem: unknown;
    do {
      problem = await this.#connect().catch((error: unknown) => error);
      // Taken, and ended while it was being set up: no news either.
    } while (isEndedByServer(problem) && performance.now() < deadline);
    clearTimeout(late);
    if (problem === undefined) return;
    down(problem as Error);
    this.#retry();
  }

  #retry(): void {
    if (this.#closed) return;
    const delay = Math.min(firstRetry * 2 ** this.#failures++, longestRetry) * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => {
      this.#connect().catch((error) => {
        this.#options.listener.down(error);
        this.#retry();
      });
    }, delay);
  }

  #beat(client: Client): void {
    clearTimeout(this.#timer);
    const late = setTimeout(() => {
      // The answer may lie unread, should this process have had no time for it.
      setImmediate(() => {
        if (answered) return;
        this.#silent = true;
        this.cut(noAnswer(this.#options.postgres));
      });
    }, this.#options.postgres.connectionTimeout);
    const doubt = this.#leader && setTimeout(() => this.#options.listener.cutOff(), silence - beatInterval);
    const ended = () => {
      answered = true;
      clearTimeout(late);
      if (doubt) clearTimeout(doubt);
    };
    let answered = false;
    const wanted = this.#candidate && !this.#leader;
    const lock = wanted ? `pg_try_advisory_lock(${leaderLock.join(', ')})` : `${this.#leader}`;
    client.query(`select revision, ${lock} as leader from store_revision`).then(
      ({ rows: [row] }) => {
        ended();
        if (this.#client !== client) return;
        if (wanted && row.leader) this.#holdOnlyWhileAlive(client);
        this.#leader = row.leader;
        this.#options.listener.beat(Number(row.revision), row.leader);
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#beat(client), beatInterval);
      },
      // The end of the connection follows, or there is no such table any more.
      (error) => {
        ended();
        if (this.#client === client) this.cut((error as Error).message);
      },
    );
  }

  #holdOnlyWhileAlive(client: Client): void {
    // Servers before 14 know no such setting; there, a process that stands still leads until its connection ends.
    client.query(`set idle_session_timeout = ${silence}`).catch(() => {});
  }
}

function isEndedByServer(error: unknown): boolean {
  return (error as { readonly code?: string } | undefined)?.code === adminShutdown;
}

function noAnswer({ connectionTimeout }: PostgresOptions): string {
  return `no answer for ${connectionTimeout / 1000} s`;
}

function thrown(error: Error): never {
  throw error;
}
