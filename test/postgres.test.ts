import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ControlPlane } from '../tools/fixtures/control-plane.ts';
import { ControlPlanes } from '../tools/fixtures/control-planes.ts';
import { eventually } from '../tools/fixtures/eventually.ts';
import { ManagedProcess } from '../tools/fixtures/managed-process.ts';
import { allowAll, Mesh, meshWithMtls } from '../tools/fixtures/mesh.ts';
import { ask, type HttpService, startHttpService } from '../tools/fixtures/services.ts';

let cps: ControlPlanes;
let mesh: Mesh;
let backend: HttpService;
let port: number;

beforeAll(async () => {
  cps = await ControlPlanes.start(3, { KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY: '5s' });
  await cps.instances[0]!.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  mesh = Mesh.behind(cps, cps.instances[0]!);
  backend = await startHttpService('backend');
  await mesh.join({ name: 'backend', inbound: [{ service: 'backend', servicePort: backend.port }] });
  port = (await mesh.join({ name: 'web', calls: ['backend'] })).outbound('backend');
  await eventually('a first answer', async () => expect((await ask(port)).status).toBe(200));
});

afterAll(async () => {
  await mesh?.stop();
  await cps?.stop();
  await backend?.close();
});

const json = { 'content-type': 'application/json' };

function timeout(name: string): string {
  const to = [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: '3s' } }];
  return JSON.stringify({ type: 'MeshTimeout', mesh: 'default', name, spec: { targetRef: { kind: 'Mesh' }, to } });
}

const policyUrl = (base: string, name: string) => `${base}/meshes/default/meshtimeouts/${name}`;

/** Writes one policy after the other until it is told to stop. */
class Writer {
  readonly acknowledged: string[] = [];
  readonly refusals: { readonly status: number; readonly body: string }[] = [];
  readonly #done: Promise<void>;
  #stopped = false;

  constructor(base: string, prefix: string) {
    this.#done = this.#write(base, prefix);
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return this.#done;
  }

  async #write(base: string, prefix: string): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      const name = `${prefix}-${n}`;
      try {
        const answer = await fetch(policyUrl(base, name), { method: 'PUT', headers: json, body: timeout(name) });
        if (answer.ok) this.acknowledged.push(name);
        else this.refusals.push({ status: answer.status, body: await answer.text() });
      } catch {
        // The connection was cut: whether it was written is not known, and nobody was told that it was.
      }
    }
  }
}

/** Sends one request after the other through the mesh until it is told to stop. */
class Caller {
  readonly statuses = new Map<number, number>();
  readonly #done: Promise<void>;
  #stopped = false;

  constructor() {
    this.#done = this.#call();
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return this.#done;
  }

  async #call(): Promise<void> {
    while (!this.#stopped) {
      const { status } = await ask(port);
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    }
  }
}

async function storedPolicies(instance: ControlPlane): Promise<readonly string[]> {
  const names: string[] = [];
  for (let url: string | null = `${instance.apiUrl}/meshes/default/meshtimeouts?size=1000`; url !== null; ) {
    const page = (await (await fetch(url)).json()) as { items: { name: string }[]; next: string | null };
    names.push(...page.items.map(({ name }) => name));
    url = page.next;
  }
  return names;
}

async function expectOnline(): Promise<void> {
  await eventually('all proxies being online', async () => {
    for (const instance of cps.instances)
      expect((await instance.kumactl(['inspect', 'dataplanes'])).match(/Online/g)).toHaveLength(2);
  });
}

/** A change by way of any of them is felt by proxies of all. */
async function expectObedience(): Promise<void> {
  await cps.kumactl(['delete', 'meshtrafficpermission', 'allow-all']);
  await eventually('a refusal', async () => expect((await ask(port)).status).toBe(403));
  await cps.instances[1]!.apply(allowAll());
  await eventually('an answer', async () => expect((await ask(port)).status).toBe(200));
}

test('what one was told, all say', async () => {
  const [a, b, c] = cps.instances;
  for (let round = 0; round < 20; round++) {
    const name = `said-${round}`;
    const put = await fetch(policyUrl(a!.apiUrl, name), { method: 'PUT', headers: json, body: timeout(name) });
    expect(put.status).toBe(201);
    expect((await fetch(policyUrl(b!.apiUrl, name))).status).toBe(200);
    expect((await fetch(policyUrl(c!.apiUrl, name), { method: 'DELETE' })).status).toBe(200);
    expect((await fetch(policyUrl(b!.apiUrl, name))).status).toBe(404);
  }
});

test('any of them shows the live state of every proxy', async () => {
  for (const { apiUrl } of cps.instances) {
    for (const [name, cluster] of [
      ['web', 'backend'],
      ['backend', `localhost:${backend.port}`],
    ] as const) {
      const url = `${apiUrl}/meshes/default/dataplanes/${name}`;
      expect(await (await fetch(`${url}/clusters`)).text()).toContain(cluster);
      expect((await fetch(`${url}/stats`)).status).toBe(200);
      const { xds } = (await (await fetch(`${url}/_config`)).json()) as { xds: Record<string, object> };
      expect(Object.keys(xds['type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret'] ?? {})).toHaveLength(2);
    }
  }
});

test('a second proxy of a name is refused, whichever control plane it comes to', async () => {
  const token = (
    await cps.kumactl(['generate', 'dataplane-token', '--mesh', 'default', '--name', 'web', '--valid-for', '1h'])
  ).trim();
  const second = new ManagedProcess({
    name: 'a second web',
    command: ['kuma-dp', 'run', '--name=web', '--mesh=default', '--dns-enabled=false', `--cp-address=${cps.dataPlaneUrl}`],
    env: {
      KUMA_CONTROL_PLANE_CA_CERT_FILE: cps.caFile,
      KUMA_DATAPLANE_RUNTIME_TOKEN: token,
      KUMA_READINESS_PORT: '0',
    },
  });
  const refused = () => cps.instances.some(({ process }) => process.output.includes('is connected already'));
  await eventually('a refusal', () => expect(refused()).toBe(true));
  second.kill('SIGKILL');
  await second.exited;
  await expectOnline();
});

describe('while instances are killed', () => {
  test('no acknowledged write is lost, no request in the mesh fails, and every proxy is served', async () => {
    const caller = new Caller();
    const writers = ['a', 'b', 'c'].map((prefix) => new Writer(cps.apiUrl, prefix));
    for (let round = 0; round < 4; round++) {
      await cps.restart(round % 3);
      await expectOnline();
    }
    await Promise.all([...writers.map((writer) => writer.stop()), caller.stop()]);
    expect([...caller.statuses.keys()]).toEqual([200]);
    const acknowledged = writers.flatMap((writer) => writer.acknowledged);
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(writers.flatMap(({ refusals }) => refusals)).toEqual([]);
    for (const instance of cps.instances) expect(await storedPolicies(instance)).toEqual(expect.arrayContaining(acknowledged));
    await expectObedience();
  });

  const leads = ({ process }: ControlPlane) => {
    const turns = [...process.output.matchAll(/this control plane leads (now|no more)/g)];
    return !process.ended && turns.at(-1)?.[1] === 'now';
  };
  async function leader(): Promise<number> {
    await eventually('one that leads', () => expect(cps.instances.filter(leads)).toHaveLength(1));
    return cps.instances.findIndex(leads);
  }

  test('one of the others leads when the leader is gone', async () => {
    const first = await leader();
    cps.instances[first]!.process.kill('SIGKILL');
    await eventually('another one that leads', () => {
      const now = cps.instances.findIndex(leads);
      expect(now).not.toBe(-1);
      expect(now).not.toBe(first);
    });
    cps.instances[first] = await cps.instances[first]!.startAgain();
    await expectOnline();
  });

  test('one of the others leads when the leader stands still, and it alone when that one goes on', async () => {
    const first = await leader();
    cps.instances[first]!.process.kill('SIGSTOP');
    await eventually('another one that leads', () =>
      expect(cps.instances.filter((each, index) => index !== first && leads(each))).toHaveLength(1),
    );
    cps.instances[first]!.process.kill('SIGCONT');
    await eventually('the first one knowing', () => expect(leads(cps.instances[first]!)).toBe(false));
    expect(cps.instances.filter(leads)).toHaveLength(1);
    await expectOnline();
  });

  test('a proxy that goes with its control plane leaves no ghost', async () => {
    const service = await startHttpService('third');
    const { sidecar } = await mesh.join({ name: 'third', inbound: [{ service: 'third', servicePort: service.port }] });
    const dataplane = `meshes/default/dataplanes/third`;
    const serving = cps.instances.findIndex(({ process }) =>
      /"proxy":"third","form":"delta","msg":"proxy connected"/.test(process.output),
    );
    expect(serving).not.toBe(-1);
    const instance = cps.instances[serving]!;
    instance.process.kill('SIGKILL');
    sidecar.process.kill('SIGKILL');
    await Promise.all([instance.process.exited, sidecar.process.exited]);
    const other = cps.instances[(serving + 1) % 3]!;
    expect((await fetch(`${other.apiUrl}/${dataplane}`)).status).toBe(200);
    await eventually(
      'the dataplane being gone',
      async () => expect((await fetch(`${other.apiUrl}/${dataplane}`)).status).toBe(404),
      60_000,
    );
    cps.instances[serving] = await instance.startAgain();
    await service.close();
    await expectOnline();
  });
});

describe('while the database is away', () => {
  const unavailable = { status: 503, title: 'Service Unavailable' };

  /** Writes are refused with a reason, and reads say how old they are. */
  async function expectReadOnly(): Promise<void> {
    await eventually('a refusal', async () => {
      const put = await fetch(policyUrl(cps.instances[0]!.apiUrl, 'refused'), {
        method: 'PUT',
        headers: json,
        body: timeout('refused'),
      });
      expect({ status: put.status, ...((await put.json()) as object) }).toMatchObject({
        ...unavailable,
        detail: expect.stringContaining('PostgreSQL'),
      });
    });
    for (const { apiUrl } of cps.instances) {
      await eventually('an answer that says its age', async () => {
        for (const path of ['meshes/default/meshtrafficpermissions', 'meshes/default/dataplanes/_overview', 'mesh-insights']) {
          const get = await fetch(`${apiUrl}/${path}`);
          expect(get.status).toBe(200);
          expect(get.headers.get('x-kuma-stale-seconds')).toMatch(/^\d+$/);
          expect(((await get.json()) as { total: number }).total).toBeGreaterThan(0);
        }
      });
    }
  }

  async function expectNormal(): Promise<void> {
    await eventually('writes being taken', async () => {
      for (const { apiUrl } of cps.instances) {
        const put = await fetch(policyUrl(apiUrl, 'again'), { method: 'PUT', headers: json, body: timeout('again') });
        expect(put.ok).toBe(true);
        expect((await fetch(policyUrl(apiUrl, 'again'))).headers.get('x-kuma-stale-seconds')).toBeNull();
      }
    });
    await expectOnline();
  }

  test('a restart of it under writes loses nothing, and no request in the mesh fails', async () => {
    const caller = new Caller();
    const writers = cps.instances.map(({ apiUrl }, index) => new Writer(apiUrl, `restarted-${index}`));
    for (const end of ['stop', 'crash', 'crash'] as const) {
      await eventually('writes', () =>
        expect(Math.min(...writers.map(({ acknowledged }) => acknowledged.length))).toBeGreaterThan(0),
      );
      await cps.postgres[end]();
      await expectReadOnly();
      await cps.postgres.startAgain();
      await expectNormal();
    }
    await Promise.all([...writers.map((writer) => writer.stop()), caller.stop()]);
    expect([...caller.statuses.keys()]).toEqual([200]);
    const statuses = new Set(writers.flatMap(({ refusals }) => refusals.map(({ status }) => status)));
    expect(statuses).toEqual(new Set([503]));
    for (const instance of cps.instances)
      expect(await storedPolicies(instance)).toEqual(expect.arrayContaining(writers.flatMap(({ acknowledged }) => acknowledged)));
    await expectObedience();
  });

  test('a database that stands still is like one that is gone, and a control plane that dies then is replaced by another', async () => {
    const caller = new Caller();
    const writers = cps.instances.map(({ apiUrl }, index) => new Writer(apiUrl, `paused-${index}`));
    await eventually('writes', () =>
      expect(Math.min(...writers.map(({ acknowledged }) => acknowledged.length))).toBeGreaterThan(0),
    );
    cps.postgres.pause();
    await expectReadOnly();
    // Its proxies go to the others, which know them from memory.
    const connected = () =>
      cps.instances.slice(0, 2).flatMap(({ process }) => process.output.match(/"msg":"proxy connected"/g) ?? []).length;
    const before = connected();
    const served = [...cps.instances[2]!.process.output.matchAll(/"msg":"proxy (dis)?connected"/g)];
    const moving = served.filter(([, gone]) => !gone).length - served.filter(([, gone]) => gone).length;
    cps.instances[2]!.process.kill('SIGKILL');
    await eventually(
      'its proxies being served by the others',
      () => expect(connected()).toBeGreaterThanOrEqual(before + moving),
      40_000,
    );
    cps.postgres.resume();
    cps.instances[2] = await cps.instances[2]!.startAgain();
    await expectNormal();
    await Promise.all([...writers.map((writer) => writer.stop()), caller.stop()]);
    expect([...caller.statuses.keys()]).toEqual([200]);
    for (const instance of cps.instances)
      expect(await storedPolicies(instance)).toEqual(expect.arrayContaining(writers.flatMap(({ acknowledged }) => acknowledged)));
    await expectObedience();
  });
});
