import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { ask, type HttpService, startHttpService } from '../../tools/fixtures/services.ts';

const large = 'x'.repeat(64 * 1024);
let mesh: Mesh;
let backend: HttpService;

beforeAll(async () => {
  mesh = await Mesh.start();
  backend = await startHttpService('backend', (request, response) => response.end(request.url === '/large' ? large : 'backend'));
});

afterAll(async () => {
  await mesh?.stop();
  await backend?.close();
});

describe.each([
  ['with mutual TLS', 'default', true],
  ['without mutual TLS', 'plain', false],
])('%s', (_, name, mtls) => {
  let web: number;
  let job: number;

  beforeAll(async () => {
    await mesh.controlPlane.apply(
      mtls ? `${meshWithMtls(name)}\n---\n${allowAll(name)}` : JSON.stringify({ type: 'Mesh', name }),
    );
    const prefix = mtls ? '' : 'plain-';
    await mesh.join({ name: `${prefix}backend`, mesh: name, inbound: [{ service: 'backend', servicePort: backend.port }] });
    const call = async (service: string) => {
      const inbound = [{ service, servicePort: 1, tags: { team: 'red' } }];
      return (await mesh.join({ name: prefix + service, mesh: name, inbound, calls: ['backend'] })).outbound('backend');
    };
    web = await call('web');
    job = await call('job');
    for (const port of [web, job]) await expectStatus(port, 200);
  });

  const apply = (spec: object) =>
    mesh.controlPlane.apply(
      JSON.stringify({
        type: 'MeshFaultInjection',
        mesh: name,
        name: 'experiment',
        spec: { targetRef: { kind: 'MeshService', name: 'backend' }, ...spec },
      }),
    );
  const subset = (tags: object) => ({ kind: 'MeshSubset', tags });
  const statuses = async (port: number, count: number) =>
    (await Promise.all(Array.from({ length: count }, () => ask(port)))).map(({ status }) => status);

  test('a client named by its tags gets faults and nobody else does', async () => {
    await apply({
      from: [
        {
          targetRef: subset({ 'kuma.io/service': 'web', team: 'red' }),
          default: { http: [{ abort: { httpStatus: 418, percentage: 100 } }] },
        },
      ],
    });
    await expectStatus(web, 418);
    expect((await ask(job)).status).toBe(200);
    expect((await ask(web, { headers: { 'x-kuma-tags': '&kuma.io/service=job&' } })).status).toBe(418);
  });

  test('an experiment begins and ends on a connection that stays open', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await apply({
      from: [{ targetRef: { kind: 'Mesh' }, default: { http: [{ abort: { httpStatus: 503, percentage: 100 } }] } }],
    });
    await eventually('a fault', async () => expect((await ask(job, { agent })).status).toBe(503));
    await mesh.controlPlane.kumactl(['delete', 'meshfaultinjection', 'experiment', '--mesh', name]);
    await eventually('no fault', async () => expect((await ask(job, { agent })).status).toBe(200));
    agent.destroy();
  });

  test('faults come in order, each for its share of what the ones before let pass', async () => {
    const abort = (httpStatus: number, percentage: number | string) => ({ abort: { httpStatus, percentage } });
    const http = [abort(501, 0), abort(502, '50.5'), abort(504, 100)];
    await apply({ from: [{ targetRef: { kind: 'Mesh' }, default: { http } }] });
    await eventually('both faults and nothing else', async () =>
      expect(new Set(await statuses(web, 60))).toEqual(new Set([502, 504])),
    );
  });

  test('a delay makes requests wait', async () => {
    await apply({ from: [{ targetRef: { kind: 'Mesh' }, default: { http: [{ delay: { value: '400ms', percentage: 100 } }] } }] });
    await eventually('a delayed answer', async () => {
      const started = performance.now();
      expect((await ask(web)).status).toBe(200);
      expect(performance.now() - started).toBeGreaterThanOrEqual(400);
    });
  });

  test('who waited gets the faults that follow', async () => {
    const wait = { delay: { value: '100ms', percentage: 100 } };
    const abort = (httpStatus: number, percentage: number) => ({ abort: { httpStatus, percentage } });
    await apply({
      from: [{ targetRef: { kind: 'Mesh' }, default: { http: [wait, abort(501, 0), wait, abort(502, 50), abort(504, 100)] } }],
    });
    await eventually('both faults and nothing else', async () =>
      expect(new Set(await statuses(web, 60))).toEqual(new Set([502, 504])),
    );
    const started = performance.now();
    await ask(web);
    expect(performance.now() - started).toBeGreaterThanOrEqual(200);
  });

  test('a delay is for its share of requests', async () => {
    const outcomes = async () => {
      const asked = await Promise.allSettled(Array.from({ length: 30 }, () => ask(web, { timeout: 2_000 })));
      return new Set(asked.map(({ status }) => status));
    };
    await apply({ from: [{ targetRef: { kind: 'Mesh' }, default: { http: [{ delay: { value: '1h', percentage: '50' } }] } }] });
    await eventually('answers, and none', async () => expect(await outcomes()).toEqual(new Set(['fulfilled', 'rejected'])));
    await mesh.controlPlane.kumactl(['delete', 'meshfaultinjection', 'experiment', '--mesh', name]);
    await eventually('answers alone', async () => expect(await outcomes()).toEqual(new Set(['fulfilled'])));
  });

  test('bandwidth slows an answer down and leaves it whole', async () => {
    const http = [{ responseBandwidth: { limit: '128kbps', percentage: 100 } }];
    await apply({ from: [{ targetRef: { kind: 'Mesh' }, default: { http } }] });
    await eventually('a slow answer', async () => {
      const started = performance.now();
      expect((await ask(web, { path: '/large' })).body).toBe(large);
      expect(performance.now() - started).toBeGreaterThanOrEqual(300);
    });
  });

  test('rules tell clients apart by SPIFFE id, where there are any, and the exact one decides', async () => {
    const http = (httpStatus: number) => ({ http: [{ abort: { httpStatus, percentage: 100 } }] });
    const spiffeRule = (type: string, value: string, conf: object) => ({
      matches: [{ spiffeID: { type, value } }],
      default: conf,
    });
    await apply({
      rules: [
        spiffeRule('Exact', 'spiffe://default/job', { http: [] }),
        spiffeRule('Prefix', 'spiffe://default/', http(409)),
        { default: http(410) },
      ],
    });
    await expectStatus(web, mtls ? 409 : 410);
    expect((await ask(job)).status).toBe(mtls ? 200 : 410);
  });
});

async function expectStatus(port: number, status: number): Promise<void> {
  await eventually(`status ${status}`, async () => expect((await ask(port)).status).toBe(status));
}
