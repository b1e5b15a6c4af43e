import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cacheFolders, isOurs } from './cache.ts';
import { EnvoyUnavailable } from './envoy-unavailable.ts';
import { envoyVersion } from './release.ts';

/** Variables that name the binary to use instead of ours, in order. */
const overrides = ['KUMA_ENVOY_BINARY', 'ENVOY_PATH'] as const;

/**
 * Path of the Envoy binary: the one that `KUMA_ENVOY_BINARY` or `ENVOY_PATH` names, else the installed one.
 * @throws EnvoyUnavailable when it is not installed (see `ensureEnvoy`), or the variable names no program
 */
export async function findEnvoy(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const found = overriddenEnvoy(env) ?? cachedEnvoy(env);
  if (found) return found;
  throw new EnvoyUnavailable(
    `Envoy ${envoyVersion} is not installed.`,
    'Run `envoy --version` of @kuma-mesh/envoy once to install it.',
  );
}

/** @throws EnvoyUnavailable when a variable names a file that is no program */
export function overriddenEnvoy(env: NodeJS.ProcessEnv): string | undefined {
  const name = overrides.find((variable) => env[variable]);
  if (!name) return undefined;
  const path = resolve(env[name]!);
  if (!isProgram(path)) {
    throw new EnvoyUnavailable(`${name} names ${path}, which is no program that can be run.`, `Correct ${name}, or unset it.`);
  }
  return path;
}

export function cachedEnvoy(env: NodeJS.ProcessEnv): string | undefined {
  const folder = cacheFolders(env).find((one) => isProgram(join(one, 'envoy')) && isOurs(one));
  return folder && join(folder, 'envoy');
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Whether the file is an executable of the machine (ELF or Mach-O), and not a script such as a launcher. */
export function isNativeProgram(path: string): boolean {
  if (!isProgram(path)) return false;
  const file = openSync(path, 'r');
  try {
    const magic = Buffer.alloc(4);
    readSync(file, magic, 0, 4, 0);
    return ['7f454c46', 'cffaedfe', 'cafebabe'].includes(magic.toString('hex'));
  } finally {
    closeSync(file);
  }
}
