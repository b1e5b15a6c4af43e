import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { findEnvoy } from '@kuma-mesh/envoy';
import { until } from './until.ts';

const bin = join(import.meta.dirname, '..', '..', 'bin', 'kuma-dp.js');

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running kuma-dp: the bundle that is shipped, with its real Envoy. */
export interface RunningDp extends AsyncDisposable {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** All that it wrote to standard error. */
  readonly log: () => string;
  readonly stdout: () => string;
  /** Waits for a log line. */
  logged(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  /** Waits for Envoy's start. */
  envoyStarted(): Promise<{ readonly pid: number; readonly workDir: string; readonly readinessPort: number }>;
}

export interface StartOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly command?: string;
}

/** Starts `kuma-dp run` (or another command) with a free readiness port and nothing of the caller's `KUMA_` variables. */
export function startKumaDp(args: readonly string[], { env = {}, command = 'run' }: StartOptions = {}): RunningDp {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('KUMA_')));
  const child = spawn(process.execPath, [bin, command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...clean, KUMA_READINESS_PORT: '0', ...env },
  });
  let log = '';
  let stdout = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk;
  });
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  const exited = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  let running = true;
  void exited.then(() => {
    running = false;
  });
  const logged = (pattern: RegExp): Promise<RegExpExecArray> =>
    until(`${pattern} in the log`, () => {
      const match = pattern.exec(log);
      if (!match && !running) throw new Error(`kuma-dp ended without ${pattern} in its log:\n${log}`);
      return match ?? undefined;
    });
  return {
    pid: child.pid!,
    exited,
    log: () => log,
    stdout: () => stdout,
    logged,
    kill: (signal) => void child.kill(signal),
    async envoyStarted() {
      const line = (await logged(/^.*"Envoy started".*$/m))[0];
      return JSON.parse(line) as { pid: number; workDir: string; readinessPort: number };
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Arguments that leave the choice of binary to nobody. */
export async function envoyArgs(): Promise<string[]> {
  return ['--binary-path', await findEnvoy()];
}

/** Whether a process exists and is no zombie that waits to be reaped. */
export async function isAlive(pid: number): Promise<boolean> {
  const { readFile } = await import('node:fs/promises');
  try {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8');
    return !/\) [ZX] /.test(status);
  } catch {
    return false;
  }
}
