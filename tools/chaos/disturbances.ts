import { setTimeout } from 'node:timers/promises';
import type { ControlPlanes } from '../fixtures/control-planes.ts';

/** Something that goes wrong, until what went is there again. */
export interface Disturbance {
  readonly name: string;
  readonly happen: (world: ControlPlanes) => Promise<void>;
}

/** Milliseconds for which something stands still: longer than anybody waits for an answer. */
const stillness = 8_000;

export function killed(index: number): Disturbance {
  return { name: `control plane ${index} killed`, happen: (world) => world.restart(index) };
}

/** @param time milliseconds; after some thirty seconds its sidecars leave it */
export function hanging(index: number, time = stillness): Disturbance {
  return {
    name: `control plane ${index} standing still`,
    async happen({ instances }) {
      instances[index]!.process.kill('SIGSTOP');
      await setTimeout(time);
      instances[index]!.process.kill('SIGCONT');
    },
  };
}

export const databaseRestarted: Disturbance = {
  name: 'database restarted',
  happen: ({ postgres }) => postgres.restart(),
};

export const databaseCrashed: Disturbance = {
  name: 'database crashed',
  async happen({ postgres }) {
    await postgres.crash();
    await postgres.startAgain();
  },
};

export const databasePaused: Disturbance = {
  name: 'database standing still',
  async happen({ postgres }) {
    postgres.pause();
    await setTimeout(stillness);
    postgres.resume();
  },
};

/** A control plane that comes back when there is no database, and waits for it. */
export function killedWithoutDatabase(index: number): Disturbance {
  return {
    name: `control plane ${index} killed while the database is stopped`,
    async happen(world) {
      await world.postgres.stop();
      const back = world.restart(index);
      await setTimeout(stillness / 2);
      await world.postgres.startAgain();
      await back;
    },
  };
}

/** Every connection of the control planes to the database ends, those that hear notifications among them. */
export const connectionsCut: Disturbance = {
  name: 'connections to the database cut',
  async happen({ postgres, database }) {
    const others = `datname = '${database}' and pid <> pg_backend_pid()`;
    await postgres.query(database, `select pg_terminate_backend(pid) from pg_stat_activity where ${others}`);
  },
};

/** Only the connections that hear notifications end. */
export const notificationsCut: Disturbance = {
  name: 'notifications cut',
  async happen({ postgres, database }) {
    const links = `datname = '${database}' and application_name like '% link'`;
    await postgres.query(database, `select pg_terminate_backend(pid) from pg_stat_activity where ${links}`);
  },
};
