import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureVersion } from 'node:tls';
import { CpError } from '../cp-error.ts';
import type { Settings } from '../settings/table/index.ts';

/** Certificate (chain) and key, PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Options of a TLS server of Node. */
export interface ServerTls extends KeyPair {
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
}

export type TlsServerName = 'apiServer.https' | 'dpServer' | 'diagnostics' | 'monitoringAssignmentServer';

/**
 * What a server shows of itself: the files of its own settings, else those of `general`, else `own`.
 * @throws CpError `certificate` naming the setting
 */
export async function serverTls(settings: Settings, server: TlsServerName, own: () => Promise<KeyPair>): Promise<ServerTls> {
  const configured = placeOfFiles(settings, server);
  const min = settings[`${server}.tlsMinVersion`] || settings['general.tlsMinVersion'] || 'TLSv1_2';
  const max = settings[`${server}.tlsMaxVersion`] || settings['general.tlsMaxVersion'] || 'TLSv1_3';
  const pair = configured ? await readKeyPair(settings, configured) : await own();
  return { ...pair, minVersion: versions[min], maxVersion: versions[max] };
}

/** Whether a server shows the control plane's own certificate, none of its own having been given. */
export function showsOwn(settings: Settings, server: TlsServerName): boolean {
  return placeOfFiles(settings, server) === undefined;
}

function placeOfFiles(settings: Settings, server: TlsServerName): TlsServerName | 'general' | undefined {
  return ([server, 'general'] as const).find((place) => settings[`${place}.tlsCertFile`] !== '');
}

const versions = { TLSv1_2: 'TLSv1.2', TLSv1_3: 'TLSv1.3' } as const;

async function readKeyPair(settings: Settings, place: TlsServerName | 'general'): Promise<KeyPair> {
  const cert = await readPem(`${place}.tlsCertFile`, settings[`${place}.tlsCertFile`]);
  const key = await readPem(`${place}.tlsKeyFile`, settings[`${place}.tlsKeyFile`]);
  checkKeyPair({ cert, key }, `${place}.tlsCertFile and ${place}.tlsKeyFile`);
  return { cert, key };
}

async function readPem(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CpError('certificate', `${setting}: ${(error as Error).message}`, {
      hint: `set ${setting} to a PEM file that this user can read`,
      cause: error,
    });
  }
}

/** @throws CpError `certificate` when no server could run with the pair; never with a part of the key in it */
export function checkKeyPair({ cert, key }: KeyPair, from: string): void {
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new CpError('certificate', `${from} are no certificate and its key in PEM (${(error as Error).message})`, {
      hint: 'check that both files belong together',
    });
  }
  const { validTo } = new X509Certificate(cert);
  if (Date.parse(validTo) < Date.now()) {
    throw new CpError('certificate', `the certificate of ${from} has expired (${validTo})`, { hint: 'give it a new one' });
  }
}
