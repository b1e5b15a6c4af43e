import { CpError } from '../cp-error.ts';
import type { Setting } from '../settings/setting.ts';
import { type Settings, settingsTable } from '../settings/table/index.ts';

/** Which settings say where a server listens. */
export type ServerName =
  | 'apiServer.http'
  | 'apiServer.https'
  | 'dpServer'
  | 'diagnostics'
  | 'interCp'
  | 'monitoringAssignmentServer';

export interface ListenAddress {
  readonly port: number;
  /** All addresses of this host when absent. */
  readonly host?: string;
}

/**
 * Starts a server where its settings say; where that cannot be, the setting is named.
 * @throws CpError `port`
 */
export async function listening<T>(server: ServerName, settings: Settings, start: (at: ListenAddress) => Promise<T>): Promise<T> {
  const portKey = portKeyOf(server);
  const hostKey = server === 'apiServer.http' || server === 'apiServer.https' ? (`${server}.interface` as const) : undefined;
  const at = { port: settings[portKey], ...(hostKey && { host: settings[hostKey] }) };
  try {
    return await start(at);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const port = `port ${at.port} (${portKey})`;
    if (code === 'EADDRINUSE') {
      throw refused(error, `${port} is in use`, `end the other program, or choose another port with ${named(portKey)}`);
    }
    if (code === 'EACCES')
      throw refused(error, `${port} is not open to this user`, `choose a port above 1023 with ${named(portKey)}`);
    if (hostKey && (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')) {
      const hint = `choose one of its addresses, or 0.0.0.0 for all, with ${named(hostKey)}`;
      throw refused(error, `this host has no address ${JSON.stringify(at.host)} (${hostKey})`, hint);
    }
    throw error;
  }
}

function portKeyOf(server: ServerName) {
  if (server === 'diagnostics') return 'diagnostics.serverPort';
  return server === 'interCp' ? 'interCp.server.port' : (`${server}.port` as const);
}

function refused(cause: unknown, message: string, hint: string): CpError {
  return new CpError('port', message, { hint, cause });
}

/** The key and the variable of a setting. */
function named(key: string): string {
  const { env } = (settingsTable as readonly Setting[]).find((setting) => setting.key === key)!;
  return `${key} (${env[0]})`;
}
