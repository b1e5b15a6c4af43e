import { DatabaseError } from 'pg';
import { StoreError } from '../store-error.ts';

/** What a failure of the database means for whoever runs kuma-cp; other errors are returned as they are. */
export function postgresErrorInWords(error: unknown): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  if (error instanceof DatabaseError) return fromDatabase(error);
  if (!isOfConnection(error)) return error;
  const passing = isSilence(error);
  return new StoreError('unavailable', `PostgreSQL cannot be reached: ${reasonOf(error)}`, {
    hint: passing ? 'nothing was confirmed; repeat the change when the database is back' : tlsHint,
    passing,
    cause: error,
  });
}

const tlsHint =
  'check store.postgres.tls: mode says how strict to be, caPath names who vouches for the server, certPath and keyPath show who we are';

/** The same for who starts, and so has repeated nothing yet. */
export function openingErrorInWords(error: unknown): unknown {
  if (isLockTimeout(error)) {
    return new StoreError('unavailable', 'PostgreSQL keeps its tables for somebody else, such as a kuma-cp that migrates them', {
      hint: 'repeat it when that has come to its end',
      passing: true,
      cause: error,
    });
  }
  const worded = postgresErrorInWords(error);
  if (!(worded instanceof StoreError) || !worded.passing || worded.cause instanceof DatabaseError) return worded;
  const { code, message, passing, cause } = worded;
  return new StoreError(code, message, {
    hint: 'check that the server runs, and store.postgres.host, store.postgres.port and store.postgres.tls.mode',
    passing,
    cause,
  });
}

/** Whether the connection is to blame, or another one that holds what all need, and not what was asked over it. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return error instanceof Error && isOfConnection(error);
  const { code = '' } = error;
  return /^(08|57P|53|25P03|25006|28|3D|55P03)/.test(code);
}

function isLockTimeout(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && error.code === '55P03';
}

/** All that the server has are taken, by whomever. */
export function isOutOfConnections(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && error.code === '53300';
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
function fromDatabase(error: DatabaseError): unknown {
  const { code = '', message } = error;
  const unavailable = (reason: string, hint: string, passing = false) =>
    new StoreError('unavailable', reason, { hint, passing, cause: error });
  if (code === '53100') {
    return new StoreError('full', `no room left on the disk of PostgreSQL; nothing was written`, {
      hint: 'free some space there, then repeat the change',
      cause: error,
    });
  }
  if (code.startsWith('28')) {
    return unavailable(
      `PostgreSQL refuses the user: ${message}`,
      'check store.postgres.user, store.postgres.password, and pg_hba.conf of the server',
    );
  }
  if (code === '3D000')
    return unavailable(`PostgreSQL: ${message}`, 'create the database, or name another in store.postgres.dbName');
  if (code === '42501') {
    return unavailable(
      `PostgreSQL does not let the user do what is needed: ${message}`,
      'make the user of store.postgres.user the owner of the database, or grant it all on the schema',
    );
  }
  if (code === '25006') {
    return unavailable(
      'PostgreSQL takes no writes: it is a replica, or set to read only (default_transaction_read_only)',
      'point store.postgres.host at the primary, or let it take writes',
    );
  }
  if (isLockTimeout(error) || code === '57014') {
    return unavailable('PostgreSQL was too busy to take the change; nothing was written', 'repeat it');
  }
  if (isOutOfConnections(error)) {
    return unavailable(
      `PostgreSQL has no connection left: ${message}`,
      'raise max_connections of the server, or lower store.postgres.maxOpenConnections',
      true,
    );
  }
  // It comes up, or goes down.
  const passing = /^(57P0[1-5]|08)/.test(code);
  return unavailable(`PostgreSQL: ${message}`, 'its own log says more', passing);
}

/** Errors of sockets carry a code of the system; the driver's own are plain. */
function isOfConnection(error: Error): boolean {
  return (
    error instanceof AggregateError || error.constructor === Error || typeof (error as NodeJS.ErrnoException).syscall === 'string'
  );
}

/** Nobody answers there, or not any more; a server that is there and not trusted has a code and no system call. */
function isSilence(error: Error): boolean {
  if (error instanceof AggregateError) return error.errors.every(isSilence);
  const { syscall, code } = error as NodeJS.ErrnoException;
  return syscall !== undefined || code === undefined;
}

function reasonOf(error: Error): string {
  // Of an address that is reached in several ways there is a reason for each.
  if (error instanceof AggregateError) return [...new Set(error.errors.map((each: Error) => each.message))].join('; ');
  // Node's advice on how to run it is none for kuma-cp, which trusts what the system does.
  return error.message.replace(/; if the root CA is installed locally.*/, '');
}
