import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
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
  const ca = readCertificates('store.postgres.tls.caPath', settings['store.postgres.tls.caPath']);
  const certificate = readCertificates('store.postgres.tls.certPath', settings['store.postgres.tls.certPath']);
  const key = settings['store.postgres.tls.keyPath'];
  return { mode, ...(ca && { ca }), ...(certificate && key && { client: readClient(certificate, key) }) };
}

function readClient(certificate: string, keyPath: string): { readonly certificate: string; readonly key: string } {
  const setting = 'store.postgres.tls.keyPath';
  const key = read(setting, keyPath);
  usable(setting, `is no PEM private key of store.postgres.tls.certPath`, () => createSecureContext({ cert: certificate, key }));
  return { certificate, key };
}

/** @returns undefined where none is set */
function readCertificates(setting: string, path: string): string | undefined {
  if (path === '') return undefined;
  const pem = read(setting, path);
  usable(setting, 'holds no PEM certificate', () => new X509Certificate(pem));
  return pem;
}

/** The driver would only see it when it has a connection, and leave that open. */
function usable(setting: string, problem: string, tryIt: () => unknown): void {
  try {
    tryIt();
  } catch (cause) {
    throw new StoreError('unavailable', `${setting} ${problem}: ${(cause as Error).message}`, {
      hint: 'check what is in the file',
      cause,
    });
  }
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
