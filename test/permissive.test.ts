import { afterAll, beforeAll, expect, test } from 'vitest';
import { Balancer } from '../tools/fixtures/balancer.ts';
import { eventually } from '../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../tools/fixtures/mesh.ts';
import { ask, type HttpService, startHttpService, startTcpService, TcpClient } from '../tools/fixtures/services.ts';

let mesh: Mesh;
let backend: HttpService;
let echo: Awaited<ReturnType<typeof startTcpService>>;
/** By which the sidecar of `echo` reaches its control plane. */
let link: Balancer;
let web: Awaited<ReturnType<Mesh['join']>>;

beforeAll(async () => {
  // A sidecar that is cut off stays in the mesh.
  mesh = await Mesh.start({ env: { KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY: '10m' } });
  const { controlPlane } = mesh;
  await controlPlane.apply(allowAll());
  // Failures are not to be hidden.
  await controlPlane.kumactl(['delete', 'meshretry', 'mesh-retry-all-default']);
  backend = await startHttpService('backend');
  echo = await startTcpService('echo');
  link = await Balancer.start([controlPlane.ports.dataPlane]);
  await mesh.join({ name: 'backend', inbound: [{ service: 'backend', servicePort: backend.port }] });
  await mesh.join({
    name: 'echo',
    inbound: [{ service: 'echo', servicePort: echo.port, protocol: 'tcp' }],
    entrance: {
      dataPlaneUrl: `https://127.0.0.1:${link.port}`,
      caFile: controlPlane.caFile,
      kumactl: (...args) => controlPlane.kumactl(...args),
    },
  });
  web = await mesh.join({ name: 'web', calls: ['backend', 'echo'] });
});

afterAll(async () => {
  await mesh?.stop();
  await link?.close();
  await backend?.close();
  await echo?.close();
});

/** Calls both services on new connections until it is told to end; nothing may fail. */
function traffic(): { readonly end: () => Promise<number> } {
  let running = true;
  let calls = 0;
  const run = async () => {
    while (running) {
      expect((await ask(web.outbound('backend'))).status).toBe(200);
      const client = new TcpClient(web.outbound('echo'));
      expect(await client.say('hello')).toBe('echo:hello');
      client.close();
      calls++;
    }
    return calls;
  };
  const done = run();
  // It is looked at when the traffic ends.
  done.catch(() => {});
  return {
    end: () => {
      running = false;
      return done;
    },
  };
}

/** Handshakes of mutual TLS with a service, that its callers have made. */
async function handshakes(service: string): Promise<number> {
  const answer = await fetch(`${mesh.controlPlane.apiUrl}/meshes/default/dataplanes/web/stats`);
  const [, count = '0'] = new RegExp(`^cluster\\.${service}\\.ssl\\.handshake: (\\d+)$`, 'm').exec(await answer.text()) ?? [];
  return Number(count);
}

test('mutual TLS that becomes PERMISSIVE fails no connection, not even to a proxy that hears nothing of it', async () => {
  const calls = traffic();
  await link.close();
  await mesh.controlPlane.apply(meshWithMtls('default', { mode: 'PERMISSIVE' }));
  await eventually('mutual TLS with who has heard of it', async () => expect(await handshakes('backend')).toBeGreaterThan(0));
  expect(await handshakes('echo')).toBe(0);
  link = await Balancer.start([mesh.controlPlane.ports.dataPlane], link.port);
  await eventually('mutual TLS with all', async () => expect(await handshakes('echo')).toBeGreaterThan(0), 60_000);
  expect(await calls.end()).toBeGreaterThan(10);
});

test('from then on it stays, for those that come later and after a restart of the control plane', async () => {
  const before = await handshakes('echo');
  mesh.controlPlane.process.kill('SIGKILL');
  mesh.controlPlane = await mesh.controlPlane.startAgain();
  const calls = traffic();
  await eventually('more of it', async () => expect(await handshakes('echo')).toBeGreaterThan(before));
  expect(await calls.end()).toBeGreaterThan(0);
});
