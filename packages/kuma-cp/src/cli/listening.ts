import { CpError } from '../cp-error.ts';

/**
 * Starts a server; a port that cannot be had is said with the settings that choose it.
 * @throws CpError `port`
 */
export async function listening<T>(at: { readonly port: number; readonly setting: string }, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw error;
    throw new CpError('port', `port ${at.port} (${at.setting}) ${reason}`, {
      hint: `end the other program, or choose another with ${at.setting}`,
      cause: error,
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EACCES: 'is not open to this user',
  EADDRNOTAVAIL: 'is on an address that this host does not have',
};
