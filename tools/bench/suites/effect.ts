import { Agent } from 'node:http';
import { allowAll, Mesh, meshWithMtls } from '../../fixtures/mesh.ts';
import { ask, startHttpService } from '../../fixtures/services.ts';
import type { Figure } from '../figures.ts';
import { residentMegabytes } from './programs.ts';

/** From the return of kumactl to the effect at a client, with two real proxies; and memory of kuma-dp. */
export async function effect(rounds: number): Promise<readonly Figure[]> {
  const mesh = await Mesh.start();
  const backend = await startHttpService('backend');
  try {
    await mesh.controlPlane.apply(meshWithMtls());
    const server = await mesh.join({ name: 'backend', inbound: [{ service: 'backend', servicePort: backend.port }] });
    const client = await mesh.join({ name: 'web', calls: ['backend'] });
    const port = client.outbound('backend');
    await until(port, 403);
    const allowed: number[] = [];
    const refusedNew: number[] = [];
    const refusedOpen: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await mesh.controlPlane.apply(allowAll());
      allowed.push(await until(port, 200));
      await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'allow-all']);
      refusedNew.push(await until(port, 403));
      await mesh.controlPlane.apply(allowAll());
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      await until(port, 200, agent);
      await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'allow-all']);
      refusedOpen.push(await until(port, 403, agent));
      agent.destroy();
    }
    const memory = residentMegabytes(server.sidecar.process.pid);
    return [
      { name: 'permission granted → 200', unit: 'ms', samples: allowed },
      { name: 'permission removed → 403, new connection', unit: 'ms', samples: refusedNew },
      { name: 'permission removed → 403, open connection', unit: 'ms', samples: refusedOpen },
      { name: 'kuma-dp: resident, beside Envoy', unit: 'MB', samples: [memory] },
    ];
  } finally {
    await mesh.stop();
    await backend.close();
  }
}

/** @returns milliseconds until a request gets this status */
async function until(port: number, status: number, agent?: Agent): Promise<number> {
  const started = performance.now();
  for (;;) {
    const answer = await ask(port, agent ? { agent } : {}).catch(() => undefined);
    if (answer?.status === status) return performance.now() - started;
    if (performance.now() - started > 30_000) throw new Error(`no answer with status ${status} in 30 s; last ${answer?.status}`);
  }
}
