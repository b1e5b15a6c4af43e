import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { BootstrapParams } from '../bootstrap/bootstrap-params.ts';
import { encodeBootstrap } from '../bootstrap/encode-bootstrap.ts';
import { root } from './certificates.ts';
import { envoy } from './envoy.ts';

/** A real Envoy with a real bootstrap, but that its control plane speaks plain text. */
export class RunningEnvoy implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #folder: string;

  static async start(controlPlanePort: number): Promise<RunningEnvoy> {
    const folder = await mkdtemp(join(tmpdir(), 'envoy-'));
    const file = join(folder, 'bootstrap.yaml');
    await writeFile(file, inPlainText(encodeBootstrap(paramsFor(controlPlanePort, folder)).yaml), { mode: 0o600 });
    const child = spawn(
      envoy.path!,
      ['--config-path', file, '--concurrency', '2', '--disable-hot-restart', '--log-level', 'error', '--drain-time-s', '30'],
      { stdio: 'ignore' },
    );
    await once(child, 'spawn');
    return new RunningEnvoy(child, folder);
  }

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await gone;
    }
    await rm(this.#folder, { recursive: true });
  }
}

function paramsFor(port: number, workdir: string): BootstrapParams {
  return {
    mesh: 'default',
    name: 'backend-1',
    service: 'backend',
    features: [],
    controlPlane: { host: '127.0.0.1', port, ca: root },
    token: { kind: 'none' },
    admin: { kind: 'socket', path: join(workdir, 'admin.sock'), port: 9901 },
    workdir,
    delta: false,
    healthDiscovery: false,
    metadata: {},
  };
}

function inPlainText(yaml: string): string {
  const bootstrap = parse(yaml);
  const clusters: { name: string; transportSocket?: unknown }[] = bootstrap.staticResources.clusters;
  for (const cluster of clusters) delete cluster.transportSocket;
  return stringify(bootstrap);
}
