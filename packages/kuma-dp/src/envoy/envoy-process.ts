import { eachLine } from '../log/each-line.ts';
import { EnvoyLog, envoyLogFormat } from '../log/envoy-lines.ts';
import type { Logger } from '../log/logger.ts';
import { findBinding, spawnBound } from './bound-child.ts';

export interface EnvoyOptions {
  readonly binary: string;
  readonly bootstrapFile: string;
  readonly concurrency: number;
  readonly logLevel: string;
  readonly componentLogLevel: string | undefined;
  /** Milliseconds that connections of a removed or changed listener may last. */
  readonly drainTime: number;
  readonly logger: Logger;
}

export interface EnvoyExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of Envoy's log that tell of trouble. */
  readonly troubles: readonly string[];
}

/** A running Envoy that ends with this process at the latest. */
export interface EnvoyProcess {
  readonly pid: number;
  /** Settles when Envoy is gone and its log was read to the end. */
  readonly exited: Promise<EnvoyExit>;
  kill(signal: NodeJS.Signals): void;
}

/** @throws the error of starting a program */
export async function startEnvoy(options: EnvoyOptions): Promise<EnvoyProcess> {
  const log = new EnvoyLog(options.logger);
  const child = spawnBound(await findBinding(), options.binary, envoyArguments(options), {
    // Standard output is passed on as it is: access logs may go there, and Envoy could not open a socket by that name.
    stdio: ['ignore', 'inherit', 'pipe'],
    env: environment(),
  });
  void eachLine(child.stderr!, (line) => log.write(line));
  const exited = new Promise<EnvoyExit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, troubles: log.troubles }));
  });
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  return { pid: child.pid!, exited, kill: (signal) => void child.kill(signal) };
}

function envoyArguments(options: EnvoyOptions): string[] {
  return [
    '--config-path',
    options.bootstrapFile,
    '--concurrency',
    String(options.concurrency),
    '--drain-time-s',
    String(Math.ceil(options.drainTime / 1000)),
    // Clients are told to leave with their next answer, and not with one that grows likelier as the time runs out.
    '--drain-strategy',
    'immediate',
    // Hot restart keeps a shared memory segment and socket that two Envoys of a host would quarrel over.
    '--disable-hot-restart',
    // Access logs wait in memory for this long; ten seconds would be Envoy's own choice.
    '--file-flush-interval-msec',
    '1000',
    '--log-level',
    options.logLevel,
    '--log-format',
    envoyLogFormat,
    '--log-format-escaped',
    ...(options.componentLogLevel ? ['--component-log-level', options.componentLogLevel] : []),
  ];
}

/** Ours, less the token. */
function environment(): NodeJS.ProcessEnv {
  const { KUMA_DATAPLANE_RUNTIME_TOKEN: _, ...rest } = process.env;
  return rest;
}
