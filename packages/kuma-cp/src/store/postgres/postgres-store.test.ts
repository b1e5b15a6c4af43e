import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { PostgresServer } from '../../../../../tools/fixtures/postgres.ts';
import { describeResourceStore } from '../conformance.ts';
import type { ResourceStore } from '../store.ts';
import type { PostgresOptions } from './postgres-options.ts';
import { openPostgresStore } from './postgres-store.ts';

let server: PostgresServer;
const open = new Set<ResourceStore>();

beforeAll(async () => {
  server = await PostgresServer.start();
}, 60_000);
afterEach(async () => {
  for (const store of open) await store.close();
  open.clear();
});
afterAll(() => server?.dispose());

const log = pino({ level: 'silent' });
let instances = 0;

function optionsFor(database: string, more: Partial<PostgresOptions> = {}): PostgresOptions {
  return {
    ...server.credentials,
    database,
    tls: { mode: 'disable' },
    connectionTimeout: 5000,
    minConnections: 0,
    maxConnections: 5,
    maxIdleTime: 60_000,
    maxLifetime: 3_600_000,
    maxLifetimeJitter: 0,
    ...more,
  };
}

async function openStore(database: string, more: Partial<PostgresOptions> = {}): Promise<ResourceStore> {
  const store = await openPostgresStore({ postgres: optionsFor(database, more), instanceId: `test-${instances++}`, log });
  open.add(store);
  return store;
}

describe('as any store', () => {
  describeResourceStore(async () => openStore(await server.createDatabase()));
});
