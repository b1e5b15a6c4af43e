import { CpError } from '../cp-error.ts';
import type { Settings } from '../settings/table/index.ts';

export type PortSetting = 'apiServer.http.port' | 'apiServer.https.port' | 'dpServer.port' | 'diagnostics.serverPort';

/**
 * Starts a server on the port of a setting; one that cannot be had is said with the setting.
 * @throws CpError `port`
 */
export async function listening<T>(setting: PortSetting, settings: Settings, start: (port: number) => Promise<T>): Promise<T> {
  const port = settings[setting];
  try {
    return await start(port);
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw error;
    throw new CpError('port', `port ${port} (${setting}) ${reason}`, {
      hint: `end the other program, or choose another port with ${setting}`,
      cause: error,
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EACCES: 'is not open to this user',
  EADDRNOTAVAIL: 'is on an address that this host does not have',
};
