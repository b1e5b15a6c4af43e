import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../tools/fixtures/mesh.ts';
import { ask, type HttpService, startHttpService } from '../tools/fixtures/services.ts';
import { dataplaneYaml, Sidecar } from '../tools/fixtures/sidecar.ts';

let mesh: Mesh;
const services: HttpService[] = [];
const clients = new Map<string, Awaited<ReturnType<Mesh['join']>>>();

beforeAll(async () => {
  mesh = await Mesh.start();
  for (const name of ['red', 'blue']) {
    await mesh.controlPlane.apply(meshWithMtls(name));
    await mesh.controlPlane.apply(allowAll(name));
    const service = await startHttpService(`backend-of-${name}`);
    services.push(service);
    await mesh.join({ name: 'backend', mesh: name, inbound: [{ service: 'backend', servicePort: service.port }] });
    clients.set(name, await mesh.join({ name: 'web', mesh: name, calls: ['backend'] }));
  }
});

afterAll(async () => {
  await mesh?.stop();
  for (const service of services) await service.close();
});

test('the same service names in two meshes stay apart', async () => {
  for (const name of ['red', 'blue']) {
    const port = clients.get(name)!.outbound('backend');
    await eventually(`an answer in ${name}`, async () => expect((await ask(port)).body).toBe(`backend-of-${name}`));
  }
  for (const [index, name] of ['red', 'blue'].entries()) {
    expect(services[index]!.requests.length).toBeGreaterThan(0);
    for (const request of services[index]!.requests) {
      expect(request.headers['x-forwarded-client-cert']).toContain(`URI=spiffe://${name}/web`);
    }
  }
});

test('each mesh has a certificate authority of its own', async () => {
  const roots = await Promise.all(
    ['red', 'blue'].map((name) =>
      mesh.controlPlane.kumactl(['get', 'secret', `${name}.ca-builtin-cert-ca-1`, '--mesh', name, '-o', 'json']),
    ),
  );
  const [red, blue] = roots.map((root) => (JSON.parse(root) as { data: string }).data);
  expect(red).not.toBe(blue);
});

test('a token of one mesh is refused in the other', async () => {
  const token = (
    await mesh.controlPlane.kumactl(['generate', 'dataplane-token', '--mesh', 'red', '--name', 'intruder', '--valid-for', '1h'])
  ).trim();
  const intruder = await Sidecar.start(mesh.controlPlane, {
    name: 'intruder',
    mesh: 'blue',
    token,
    dataplane: dataplaneYaml({
      name: 'intruder',
      mesh: 'blue',
      inbound: [{ service: 'intruder', port: 19_999, servicePort: 1 }],
    }),
  });
  await intruder.process.waitForOutput(/authentication failed|signing key|token/i);
  const list = JSON.parse(await mesh.controlPlane.kumactl(['get', 'dataplanes', '--mesh', 'blue', '-o', 'json'])) as {
    items: { name: string }[];
  };
  expect(list.items.map((item) => item.name)).not.toContain('intruder');
  await intruder.process.stop();
});

test('a mesh that still has proxies cannot be deleted, and says so', async () => {
  await expect(mesh.controlPlane.kumactl(['delete', 'mesh', 'red'])).rejects.toThrow(/mesh.*(Dataplane|dataplane|prox)/i);
});
