import { Socket } from 'node:net';
import { type ConnectionOptions, getCACertificates } from 'node:tls';
import type { ClientConfig } from 'pg';
import type { PostgresOptions, PostgresTls } from './postgres-options.ts';

/** A transaction that its client forgot, and one that waits for such a transaction, end after so long. Milliseconds. */
const forgottenTransaction = 5000;
const longestStatement = 30_000;

/** The configuration of a client; `opened` hears of its socket, which is the only way to give a silent server up. */
export function clientConfig(options: PostgresOptions, application: string, opened: (socket: Socket) => void): ClientConfig {
  return {
    host: options.host,
    port: options.port,
    user: options.user,
    password: options.password,
    database: options.database,
    ssl: tlsOptions(options.tls),
    application_name: application,
    connectionTimeoutMillis: options.connectionTimeout,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    statement_timeout: options.longestStatement ?? longestStatement,
    lock_timeout: forgottenTransaction,
    idle_in_transaction_session_timeout: forgottenTransaction,
    stream: () => {
      const socket = new Socket();
      opened(socket);
      return socket;
    },
  };
}

function tlsOptions(tls: PostgresTls): ConnectionOptions | false {
  if (tls.mode === 'disable') return false;
  const checked = tls.mode === 'verifyFull' ? {} : { checkServerIdentity: () => undefined };
  return {
    rejectUnauthorized: tls.mode !== 'verifyNone',
    ...checked,
    ...(tls.mode !== 'verifyNone' && { ca: tls.ca ?? trustedAnyway() }),
    ...(tls.client && { cert: tls.client.certificate, key: tls.client.key }),
  };
}

/** Whom the host trusts, and whom Node brings along. */
let trusted: string[] | undefined;
function trustedAnyway(): string[] {
  trusted ??= [...getCACertificates('default'), ...getCACertificates('system')];
  return trusted;
}
