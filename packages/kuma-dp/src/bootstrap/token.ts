import { readFile } from 'node:fs/promises';
import { DpError } from '../dp-error.ts';
import type { RunSettings } from '../settings/run-settings.ts';
import type { WorkDir } from '../work-dir.ts';

/** The dataplane token, with the file it stands in. Empty strings where there is none. */
export interface DataplaneToken {
  readonly value: string;
  readonly path: string;
}

/** Reads the token's file, or makes one: the control plane may have Envoy read it again and again. */
export async function readToken(settings: Pick<RunSettings, 'token' | 'tokenFile'>, workDir: WorkDir): Promise<DataplaneToken> {
  if (settings.tokenFile) return { value: await readTokenFile(settings.tokenFile), path: settings.tokenFile };
  const value = settings.token?.trim() ?? '';
  return value === ''
    ? { value, path: '' }
    : { value: checked(value, '--dataplane-token'), path: await workDir.writeSecret('token', value) };
}

async function readTokenFile(path: string): Promise<string> {
  try {
    return checked((await readFile(path, 'utf8')).trim(), path);
  } catch (cause) {
    if (cause instanceof DpError) throw cause;
    throw refuse(`The dataplane token cannot be read: ${(cause as Error).message}`);
  }
}

/** The value itself stays out of the message: it may be a secret after all. */
function checked(value: string, source: string): string {
  if (value === '') throw refuse(`There is no dataplane token in ${source}: it is empty`);
  if (/\s/.test(value)) throw refuse(`The dataplane token in ${source} has white space inside; a token is one word`);
  return value;
}

function refuse(message: string): DpError {
  return new DpError({
    code: 'KUMA_DP_TOKEN',
    message,
    hint: 'Make one with: kumactl generate dataplane-token --mesh MESH --name NAME --valid-for 720h > FILE',
  });
}
