import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../tools/fixtures/eventually.ts';
import { ManagedProcess } from '../tools/fixtures/managed-process.ts';
import { allowAll, Mesh, meshWithMtls } from '../tools/fixtures/mesh.ts';
import { ask, type HttpService, startHttpService } from '../tools/fixtures/services.ts';

let mesh: Mesh;
const services: HttpService[] = [];
const backends: Awaited<ReturnType<Mesh['join']>>[] = [];
let port: number;

beforeAll(async () => {
  mesh = await Mesh.start({ env: { KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY: '2s' } });
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  for (const name of ['one', 'two']) {
    const service = await startHttpService(name);
    services.push(service);
    backends.push(await mesh.join({ name: `backend-${name}`, inbound: [{ service: 'backend', servicePort: service.port }] }));
  }
  port = (await mesh.join({ name: 'web', calls: ['backend'] })).outbound('backend');
  await eventually('answers of both', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port)));
    expect(new Set(answers.map((answer) => answer.body))).toEqual(new Set(['one', 'two']));
  });
});

afterAll(async () => {
  await mesh?.stop();
  for (const service of services) await service.close();
});

const dataplaneNames = async (): Promise<readonly string[]> => {
  const list = JSON.parse(await mesh.controlPlane.kumactl(['get', 'dataplanes', '-o', 'json'])) as { items: { name: string }[] };
  return list.items.map((item) => item.name);
};

/** Process ids of the Envoys that run with a work directory (Linux). */
function envoysOf(workDir: string): readonly number[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.map(Number).filter((pid) => {
    try {
      return (
        readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('envoy') &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(workDir)
      );
    } catch {
      // Ended while we looked.
      return false;
    }
  });
}

test('requests go on while the control plane is dead, and a restart loses nothing', async () => {
  const before = await dataplaneNames();
  mesh.controlPlane.process.kill('SIGKILL');
  await mesh.controlPlane.process.exited;
  for (let round = 0; round < 50; round++) expect((await ask(port)).status).toBe(200);
  mesh.controlPlane = await mesh.controlPlane.startAgain();
  await eventually('all proxies being online', async () => {
    const table = await mesh.controlPlane.kumactl(['inspect', 'dataplanes']);
    expect(table.match(/Online/g)?.length).toBe(3);
  });
  expect(await dataplaneNames()).toEqual(before);
  // A change still arrives.
  await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'allow-all']);
  await eventually('a refusal', async () => expect((await ask(port)).status).toBe(403));
  await mesh.controlPlane.apply(allowAll());
  await eventually('an answer', async () => expect((await ask(port)).status).toBe(200));
});

test('what the store holds and cannot be encoded is shown as a rejection, and the rest goes on', async () => {
  const policy = (type: string, item: object) => {
    const to = [{ targetRef: { kind: 'MeshService', name: 'backend' }, ...item }];
    return JSON.stringify({ type, mesh: 'default', name: 'odd', spec: { targetRef: { kind: 'MeshService', name: 'web' }, to } });
  };
  const limits = policy('MeshCircuitBreaker', { default: { connectionLimits: { maxConnections: 1000 } } });
  await mesh.controlPlane.apply(limits);
  mesh.controlPlane.process.kill('SIGKILL');
  await mesh.controlPlane.process.exited;
  // No control plane takes this any more.
  const store = new DatabaseSync(join(mesh.controlPlane.workDir, 'kuma.db'));
  store.exec(`update resources set spec = replace(spec, '1000', '${2 ** 32}') where name = 'odd'`);
  store.close();
  mesh.controlPlane = await mesh.controlPlane.startAgain();

  const inspected = () => mesh.controlPlane.kumactl(['inspect', 'dataplanes']);
  await eventually('a rejection', async () => {
    const said = /web rejected backend: cannot be encoded: invalid uint32: 4294967296 \(from .*kri_mcb_default_default__odd_\)/;
    expect(await inspected()).toMatch(said);
    expect(await mesh.controlPlane.kumactl(['get', 'meshcircuitbreaker', 'odd', '-o', 'json'])).toContain('cannot be encoded');
  });
  const set = [{ name: 'x-odd', value: 'yes' }];
  const filters = [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { set } }];
  const rules = [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }], default: { filters } }];
  await mesh.controlPlane.apply(policy('MeshHTTPRoute', { rules }));
  await eventually('another change', async () => {
    const { status, headers } = await ask(port);
    expect([status, headers['x-odd']]).toEqual([200, 'yes']);
  });
  expect(await inspected()).toContain('cannot be encoded');
  await mesh.controlPlane.apply(limits);
  await eventually('no rejection', async () => expect(await inspected()).not.toContain('rejected'));
  await mesh.controlPlane.kumactl(['delete', 'meshhttproute', 'odd']);
});

test('a sidecar that is killed leaves no Envoy, and no ghost after the grace period', async () => {
  const [, two] = backends;
  const envoys = envoysOf(two!.sidecar.workDir);
  expect(envoys).toHaveLength(1);
  two!.sidecar.process.kill('SIGKILL');
  await eventually('Envoy being gone', () => {
    expect(() => process.kill(envoys[0]!, 0)).toThrow();
  });
  await eventually('the dataplane being gone', async () => expect(await dataplaneNames()).not.toContain('backend-two'));
  await eventually('only the other being asked', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port)));
    expect(answers.map((answer) => answer.body)).toEqual(Array.from({ length: 20 }, () => 'one'));
  });
});

test('a sidecar that is drained fails no request and ends with 0', async () => {
  const service = await startHttpService('three');
  services.push(service);
  const three = await mesh.join({ name: 'backend-three', inbound: [{ service: 'backend', servicePort: service.port }] });
  await eventually('answers of the new one', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port)));
    expect(answers.map((answer) => answer.body)).toContain('three');
  });
  await mesh.controlPlane.kumactl(['delete', 'meshretry', 'mesh-retry-all-default']);
  three.sidecar.process.kill('SIGTERM');
  const statuses: number[] = [];
  while (!three.sidecar.process.ended) statuses.push((await ask(port)).status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect((await three.sidecar.process.exited).code).toBe(0);
});

test('a second control plane on the same state is refused in words', async () => {
  const second = new ManagedProcess({
    name: 'second kuma-cp',
    command: ['kuma-cp', 'run'],
    env: { KUMA_GENERAL_WORK_DIR: mesh.controlPlane.workDir },
  });
  expect((await second.exited).code).toBe(1);
  expect(second.output).toMatch(/another kuma-cp|in use|already/i);
});
