import { mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlPlane } from '../fixtures/control-plane.ts';
import { eventually } from '../fixtures/eventually.ts';
import { ManagedProcess } from '../fixtures/managed-process.ts';
import { freePorts } from '../fixtures/ports.ts';
import { dataplaneYaml, Sidecar } from '../fixtures/sidecar.ts';

const appFolder = join(import.meta.dirname, 'apps');

/** What backend said through the mesh, as web saw it; status 0 is a broken connection. */
export interface WebAnswer {
  readonly status: number;
  readonly body: { readonly version: string; readonly caller: string | null } | string;
}

export interface Backend {
  readonly version: string;
  readonly app: ManagedProcess;
  readonly sidecar: Sidecar;
  /** Where the sidecar takes HTTP traffic. */
  readonly inboundPort: number;
}

/** All processes of the demo. */
export class World {
  readonly logs = mkdtempSync(join(tmpdir(), 'kuma-demo-'));
  controlPlane!: ControlPlane;
  web!: { readonly app: ManagedProcess; readonly sidecar: Sidecar; readonly port: number; readonly tcpPort: number };
  readonly backends: Backend[] = [];

  async startControlPlane(): Promise<void> {
    this.controlPlane = await ControlPlane.start({ logFile: this.#log('kuma-cp') });
  }

  async startServices(): Promise<void> {
    const ports = await freePorts(12);
    const take = () => ports.pop()!;
    for (const version of ['v1', 'v2']) {
      const [http, tcp, inboundHttp, inboundTcp] = [take(), take(), take(), take()];
      const app = this.#app(`backend-${version}`, ['backend.ts', version, String(http), String(tcp)]);
      const tags = { version };
      const sidecar = await Sidecar.start(this.controlPlane, {
        name: `backend-${version}`,
        dataplane: dataplaneYaml({
          name: `backend-${version}`,
          inbound: [
            { service: 'backend', port: inboundHttp, servicePort: http, tags },
            { service: 'backend-tcp', port: inboundTcp, servicePort: tcp, protocol: 'tcp', tags },
          ],
        }),
        logFile: this.#log(`kuma-dp-backend-${version}`),
        args: ['--drain-time=10s'],
      });
      this.backends.push({ version, app, sidecar, inboundPort: inboundHttp });
    }
    const [port, inbound, outbound, outboundTcp] = [take(), take(), take(), take()];
    const app = this.#app('web', ['web.ts', String(port), String(outbound)]);
    const sidecar = await Sidecar.start(this.controlPlane, {
      name: 'web',
      dataplane: dataplaneYaml({
        name: 'web',
        inbound: [{ service: 'web', port: inbound, servicePort: port }],
        outbound: [
          { service: 'backend', port: outbound },
          { service: 'backend-tcp', port: outboundTcp },
        ],
      }),
      logFile: this.#log('kuma-dp-web'),
    });
    this.web = { app, sidecar, port, tcpPort: outboundTcp };
    const sidecars = [sidecar, ...this.backends.map((backend) => backend.sidecar)];
    await Promise.all([app, ...this.backends.map((backend) => backend.app)].map((each) => each.waitForOutput(/listening/)));
    await Promise.all(sidecars.map((each) => this.#sidecarReady(each)));
  }

  async #sidecarReady(sidecar: Sidecar): Promise<void> {
    await eventually(`${sidecar.name} being ready`, async () => {
      if (sidecar.process.ended) throw new Error(sidecar.process.output);
      const answer = await fetch(`http://127.0.0.1:${sidecar.readinessPort}/ready`);
      if (!answer.ok) throw new Error(`readiness says ${answer.status}`);
    });
  }

  #app(name: string, command: readonly string[]): ManagedProcess {
    const [file, ...args] = command;
    return new ManagedProcess({ name, command: ['node', join(appFolder, file!), ...args], logFile: this.#log(name) });
  }

  #log(name: string): string {
    return join(this.logs, `${name}.log`);
  }

  async ask(): Promise<WebAnswer> {
    const answer = await fetch(`http://127.0.0.1:${this.web.port}/`);
    return (await answer.json()) as WebAnswer;
  }

  /** One TCP connection through the mesh: says something, hears it back. @returns the version that answered */
  askTcp(): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.web.tcpPort, '127.0.0.1', () => socket.write('hello'));
      socket.setTimeout(5_000, () => socket.destroy(new Error('no answer in 5 s')));
      socket.once('data', (data) => {
        resolve(String(data).slice(0, 2));
        socket.destroy();
      });
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('closed without an answer')));
    });
  }

  async stop(): Promise<void> {
    const sidecars = [...this.backends.map((backend) => backend.sidecar), ...(this.web ? [this.web.sidecar] : [])];
    const apps = [...this.backends.map((backend) => backend.app), ...(this.web ? [this.web.app] : [])];
    for (const app of apps) app.kill('SIGKILL');
    // Nobody waits for a drain at the end of a demo.
    for (const sidecar of sidecars) sidecar.process.kill('SIGKILL');
    await Promise.all([...apps, ...sidecars.map((sidecar) => sidecar.process)].map((each) => each.exited));
    if (this.controlPlane) await this.controlPlane.process.stop(3_000);
  }
}
