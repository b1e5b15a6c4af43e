import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The launcher, which runs the bundle that set-up builds. */
const launcher = fileURLToPath(new URL('../../../bin/kuma-cp.js', import.meta.url));

/** A free port each, and nothing of whoever runs the tests. */
export function settingsFor(workDir: string): Record<string, string> {
  return {
    KUMA_GENERAL_WORK_DIR: workDir,
    KUMA_API_SERVER_HTTP_INTERFACE: '127.0.0.1',
    KUMA_API_SERVER_HTTP_PORT: '0',
    KUMA_API_SERVER_HTTPS_INTERFACE: '127.0.0.1',
    KUMA_API_SERVER_HTTPS_PORT: '0',
    KUMA_DP_SERVER_PORT: '0',
    KUMA_DIAGNOSTICS_SERVER_PORT: '0',
    KUMA_MONITORING_ASSIGNMENT_SERVER_PORT: '0',
  };
}

/** kuma-cp as a real process, and what it wrote. */
export class KumaCpProcess {
  readonly #child: ChildProcess;
  readonly exited: Promise<number | null>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    const { PATH } = process.env;
    this.#child = spawn(process.execPath, [launcher, ...args], { env: { ...(PATH && { PATH }), ...env } });
    this.#child.stdout!.on('data', (chunk) => {
      this.stdout += chunk;
    });
    this.#child.stderr!.on('data', (chunk) => {
      this.stderr += chunk;
    });
    this.exited = once(this.#child, 'close').then(([code, signal]) => (signal === null ? code : null));
  }

  /** Lines of the log so far. */
  get log(): readonly Record<string, unknown>[] {
    const whole = this.stderr.slice(0, this.stderr.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  }

  /** Waits until the log has such a line; fails when the process ends first. */
  async logged(message: string): Promise<Record<string, unknown>> {
    const ended = this.exited.then(() => 'ended' as const);
    for (;;) {
      const line = this.log.find((each) => each.msg === message);
      if (line) return line;
      if ((await Promise.race([once(this.#child.stderr!, 'data'), ended])) === 'ended') throw new Error(this.stderr);
    }
  }

  async ready(): Promise<Record<string, unknown>> {
    return this.logged('the control plane is ready');
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}
