import type { PostgresServer } from '../../../../../../tools/fixtures/postgres.ts';
import type { PostgresOptions } from '../postgres-options.ts';

/** How a test reaches a database of a server. */
export function testOptions(
  server: Pick<PostgresServer, 'credentials'>,
  database: string,
  more: Partial<PostgresOptions> = {},
): PostgresOptions {
  return {
    ...server.credentials,
    database,
    tls: { mode: 'disable' },
    connectionTimeout: 3000,
    minConnections: 0,
    maxConnections: 5,
    maxIdleTime: 60_000,
    maxLifetime: 3_600_000,
    maxLifetimeJitter: 0,
    ...more,
  };
}
