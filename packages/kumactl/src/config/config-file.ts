import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { CliError } from '../cli-error.ts';
import { writeFiles } from '../write-files.ts';

/** `~/.kumactl/config`, as every kumactl writes it. */
export interface Configuration {
  readonly controlPlanes: readonly ControlPlane[];
  readonly contexts: readonly Context[];
  readonly currentContext: string;
}

export interface ControlPlane {
  readonly name: string;
  readonly coordinates: { readonly apiServer: ApiServer };
}

export interface ApiServer {
  readonly url: string;
  readonly caCertFile?: string;
  readonly clientCertFile?: string;
  readonly clientKeyFile?: string;
  readonly skipVerify?: boolean;
  readonly headers?: readonly { readonly key: string; readonly value: string }[];
  readonly authType?: string;
  readonly authConf?: Readonly<Record<string, string>>;
}

export interface Context {
  readonly name: string;
  readonly controlPlane: string;
  readonly defaults?: { readonly mesh?: string };
}

export const defaultConfiguration: Configuration = {
  controlPlanes: [{ name: 'local', coordinates: { apiServer: { url: 'http://localhost:5681' } } }],
  contexts: [{ name: 'local', controlPlane: 'local', defaults: { mesh: 'default' } }],
  currentContext: 'local',
};

const ownPath = () => join(homedir(), '.kumactl', 'config');

export function configPath(flag: string | undefined): string {
  return flag ?? ownPath();
}

/**
 * Reads the configuration; without a file of the user's own it is one for a local control plane.
 * @throws CliError where a file of another name is not there: a misspelt one must not mean the local control plane
 */
export function readConfiguration(path: string): Configuration {
  if (!existsSync(path)) {
    if (path !== ownPath()) {
      throw new CliError({
        code: 'CONFIG_UNREADABLE',
        message: `there is no configuration file ${path}`,
        hint: 'kumactl config control-planes add --config-file FILE makes one',
      });
    }
    return defaultConfiguration;
  }
  let value: unknown;
  try {
    value = parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new CliError({ code: 'CONFIG_UNREADABLE', message: `cannot read ${path}: ${(cause as Error).message}`, cause });
  }
  const configuration = value as Partial<Configuration> | null;
  if (configuration !== null && typeof configuration !== 'object') {
    throw new CliError({
      code: 'CONFIG_INVALID',
      message: `${path} is not a kumactl configuration: expected controlPlanes, contexts and currentContext`,
      hint: 'move the file away; kumactl makes a new one',
    });
  }
  return {
    controlPlanes: configuration?.controlPlanes ?? [],
    contexts: configuration?.contexts ?? [],
    currentContext: configuration?.currentContext ?? '',
  };
}

/** What is in the file, and where it is not there yet what it is to begin with. */
export function readOrBeginConfiguration(path: string): Configuration {
  return existsSync(path) ? readConfiguration(path) : defaultConfiguration;
}

const lockWait = 50;
/** Nobody takes so long to write a file: whoever made the lock is gone. */
const lockAge = 5_000;

/**
 * Changes the file while no other kumactl does, so that what two of them add is there afterwards.
 * @param change is told what is in the file, and says what is to be in it
 */
export async function changeConfiguration(
  path: string,
  change: (before: Configuration) => Configuration,
  read: (path: string) => Configuration = readConfiguration,
): Promise<void> {
  const lock = `${path}.lock`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    while (!takeLock(lock)) await delay(lockWait);
  } catch (cause) {
    throw unwritable(path, cause as Error);
  }
  try {
    writeConfiguration(path, change(read(path)));
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - made > lockAge) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

/** Writes whole or not at all, readable by its owner only: it may hold tokens. */
function writeConfiguration(path: string, configuration: Configuration): void {
  try {
    writeFiles([{ path, text: stringify(configuration), mode: 0o600 }]);
  } catch (cause) {
    throw unwritable(path, cause as Error);
  }
}

function unwritable(path: string, cause: Error): CliError {
  return new CliError({
    code: 'CONFIG_UNWRITABLE',
    message: `cannot write ${path}: ${cause.message}`,
    hint: 'name another file with --config-file, or use --no-config',
    cause,
  });
}

/** The control plane and defaults that a context names; the current one when `name` is absent. */
export function selectContext(configuration: Configuration, name: string | undefined): { context: Context; server: ApiServer } {
  const wanted = name ?? configuration.currentContext;
  const context = configuration.contexts.find((each) => each.name === wanted);
  if (!context) {
    const known = configuration.contexts.map((each) => each.name).join(', ') || 'none';
    throw new CliError({
      code: 'CONTEXT_UNKNOWN',
      message: `there is no context "${wanted}"; known: ${known}`,
      hint: 'kumactl config control-planes list',
    });
  }
  const controlPlane = configuration.controlPlanes.find((each) => each.name === context.controlPlane);
  if (!controlPlane) {
    throw new CliError({
      code: 'CONTROL_PLANE_UNKNOWN',
      message: `context "${wanted}" names control plane "${context.controlPlane}", which is not in the configuration`,
      hint: 'kumactl config control-planes add --name NAME --address URL',
    });
  }
  return { context, server: controlPlane.coordinates.apiServer };
}
