import { readFileSync } from 'node:fs';
import type { Settings } from '../../settings/table/index.ts';
import { StoreError } from '../store-error.ts';
import type { PostgresOptions, PostgresTls } from './postgres-options.ts';

/** What the settings say of the database. @throws StoreError `unavailable` when a file of theirs cannot be read */
export function postgresOptions(settings: Settings): PostgresOptions {
  const replica = settings['store.postgres.readReplica.host'];
  return {
    host: settings['store.postgres.host'],
    port: settings['store.postgres.port'],
    user: settings['store.postgres.user'],
    password: settings['store.postgres.password'],
    database: settings['store.postgres.dbName'],
    tls: tlsOf(settings),
    connectionTimeout: Math.max(1, settings['store.postgres.connectionTimeout']) * 1000,
    minConnections: settings['store.postgres.minOpenConnections'],
    maxConnections: settings['store.postgres.maxOpenConnections'] || defaultPool,
    maxIdleTime: settings['store.postgres.maxConnectionIdleTime'],
    maxLifetime: settings['store.postgres.maxConnectionLifetime'],
    maxLifetimeJitter: settings['store.postgres.maxConnectionLifetimeJitter'],
    ...(replica && {
      readReplica: {
        host: replica,
        port: settings['store.postgres.readReplica.port'],
        ratio: settings['store.postgres.readReplica.ratio'],
      },
    }),
  };
}

/** Zero has always meant "no limit"; there is never use for more than these. */
const defaultPool = 50;

function tlsOf(settings: Settings): PostgresTls {
  const mode = settings['store.postgres.tls.mode'];
  if (mode === 'disable') return { mode };
  const ca = settings['store.postgres.tls.caPath'];
  const certificate = settings['store.postgres.tls.certPath'];
  const key = settings['store.postgres.tls.keyPath'];
  return {
    mode,
    ...(ca && { ca: read('store.postgres.tls.caPath', ca) }),
    ...(certificate &&
      key && {
        client: {
          certificate: read('store.postgres.tls.certPath', certificate),
          key: read('store.postgres.tls.keyPath', key),
        },
      }),
  };
}

function read(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new StoreError('unavailable', `${setting} cannot be read: ${(error as Error).message}`, {
      hint: 'check the path and who may read it',
      cause: error,
    });
  }
}
