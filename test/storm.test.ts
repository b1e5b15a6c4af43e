import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../tools/fixtures/mesh.ts';
import { freePorts } from '../tools/fixtures/ports.ts';
import { ask, type HttpService, startHttpService } from '../tools/fixtures/services.ts';
import { dataplaneYaml, Sidecar } from '../tools/fixtures/sidecar.ts';

/** Real sidecars, in waves of what two cores bear. */
const total = 50;
const wave = 10;

let mesh: Mesh;
let backend: HttpService;
let port: number;
const alive = new Map<string, Sidecar>();

beforeAll(async () => {
  mesh = await Mesh.start({ env: { KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY: '2s' } });
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  backend = await startHttpService('backend');
  port = (await mesh.join({ name: 'web', calls: ['backend'] })).outbound('backend');
});

afterAll(async () => {
  for (const sidecar of alive.values()) sidecar.process.kill('SIGKILL');
  await mesh?.stop();
  await backend?.close();
});

async function startOne(name: string): Promise<void> {
  const [inbound] = (await freePorts(1)) as [number];
  const sidecar = await Sidecar.start(mesh.controlPlane, {
    name,
    dataplane: dataplaneYaml({ name, inbound: [{ service: 'backend', port: inbound, servicePort: backend.port }] }),
    args: ['--drain-time=1s', '--concurrency=1'],
  });
  alive.set(name, sidecar);
  await mesh.sidecarReady(sidecar);
}

const endpointsSeen = async (): Promise<readonly string[]> => {
  const dump = JSON.parse(await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'web', '--type=config', '-o', 'json'])) as {
    xds: Record<
      string,
      Record<
        string,
        { endpoints?: { lbEndpoints?: { endpoint?: { address?: { socketAddress?: { portValue?: number } } } }[] }[] }
      >
    >;
  };
  const assignment = dump.xds['type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment']?.backend;
  return (assignment?.endpoints ?? []).flatMap((locality) =>
    (locality.lbEndpoints ?? []).map((each) => String(each.endpoint?.address?.socketAddress?.portValue)),
  );
};

const portOf = async (name: string): Promise<string> => {
  const dataplane = JSON.parse(await mesh.controlPlane.kumactl(['get', 'dataplane', name, '-o', 'json'])) as {
    networking: { inbound: { port: number }[] };
  };
  return String(dataplane.networking.inbound[0]!.port);
};

test('fifty sidecars come, go and crash in any order, and those that are left get the traffic', {
  timeout: 300_000,
}, async () => {
  let next = 0;
  // A fixed order that looks like none.
  const dice = (sides: number) => (next * 7919 + 104_729) % sides;
  while (next < total) {
    const names = Array.from({ length: Math.min(wave, total - next) }, () => `backend-${next++}`);
    await Promise.all(names.map(startOne));
    const victims = [...alive.keys()].filter((_, index) => (index + dice(5)) % 5 !== 0);
    await Promise.all(
      victims.map(async (name, index) => {
        const { process: victim } = alive.get(name)!;
        alive.delete(name);
        victim.kill(index % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
        await victim.exited;
      }),
    );
    if (next === wave * 3) {
      mesh.controlPlane.process.kill('SIGKILL');
      mesh.controlPlane = await mesh.controlPlane.startAgain();
    }
  }
  expect(alive.size).toBeGreaterThan(0);
  const expected = await Promise.all([...alive.keys()].map(portOf));
  await eventually(
    'the endpoints being those that are left',
    async () => expect((await endpointsSeen()).toSorted()).toEqual(expected.toSorted()),
    60_000,
    200,
  );
  for (let round = 0; round < 50; round++) expect((await ask(port)).status).toBe(200);
  await eventually('no other dataplane being known', async () => {
    const list = JSON.parse(await mesh.controlPlane.kumactl(['get', 'dataplanes', '-o', 'json'])) as {
      items: { name: string }[];
    };
    expect(list.items.map((item) => item.name).toSorted()).toEqual(['web', ...alive.keys()].toSorted());
  });
});
