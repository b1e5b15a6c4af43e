import { Agent } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import {
  type Answer,
  ask,
  type HttpService,
  startHttpService,
  startTcpService,
  TcpClient,
} from '../../tools/fixtures/services.ts';

let mesh: Mesh;
let backend: HttpService;
let database: Awaited<ReturnType<typeof startTcpService>>;
let web: number;
let job: number;
let webDatabase: number;
let plain: number;
let plainDatabase: number;

beforeAll(async () => {
  mesh = await Mesh.start();
  // Clients outside the mesh may come too: they count like the others.
  await mesh.controlPlane.apply(`${meshWithMtls('default', { mode: 'PERMISSIVE' })}\n---\n${allowAll()}`);
  backend = await startHttpService('backend');
  database = await startTcpService('database');
  const inbound = [
    { service: 'backend', servicePort: backend.port },
    { service: 'database', servicePort: database.port, protocol: 'tcp' },
  ];
  const { inboundPorts } = await mesh.join({ name: 'backend', inbound });
  [plain, plainDatabase] = inboundPorts as [number, number];
  const joined = await mesh.join({ name: 'web', calls: ['backend', 'database'] });
  web = joined.outbound('backend');
  webDatabase = joined.outbound('database');
  job = (await mesh.join({ name: 'job', calls: ['backend'] })).outbound('backend');
  for (const port of [web, job]) await eventually('an answer', async () => expect((await ask(port)).status).toBe(200));
});

afterAll(async () => {
  await mesh?.stop();
  await backend?.close();
  await database?.close();
});

const apply = (local: object) =>
  mesh.controlPlane.apply(
    JSON.stringify({
      type: 'MeshRateLimit',
      mesh: 'default',
      name: 'limit',
      spec: {
        targetRef: { kind: 'Mesh', proxyTypes: ['Sidecar'] },
        from: [{ targetRef: { kind: 'Mesh' }, default: { local } }],
      },
    }),
  );

/** So many, and no more for as long as a test takes. */
const atMost = (num: number) => ({ num, interval: '1h' });

function refused(port: number, options: Parameters<typeof ask>[1] = {}): Promise<Answer> {
  return eventually('a request too many', async () => {
    const answer = await ask(port, options);
    expect(answer.status).not.toBe(200);
    return answer;
  }).then(({ value }) => value);
}

test('requests too many get 429 from the proxy, whoever sends them, and open connections do not help', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect((await ask(job, { agent })).status).toBe(200);
  await apply({ http: { requestRate: atMost(1) } });
  expect((await refused(web)).status).toBe(429);
  const before = backend.requests.length;
  expect((await ask(job, { agent })).status).toBe(429);
  expect((await ask(plain)).status).toBe(429);
  expect(backend.requests.length).toBe(before);
  agent.destroy();
});

test('exactly as many pass as the limit says', async () => {
  await apply({ http: { requestRate: atMost(10) } });
  await eventually('the new limit', async () => expect((await ask(web)).status).toBe(200));
  const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => ask([web, job, plain][i % 3]!)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(9);
});

test('the answer has the status and the headers of onRateLimit', async () => {
  const headers = {
    set: [{ name: 'x-kuma-rate-limited', value: '100%' }],
    add: [{ name: 'retry-after', value: '3600' }],
  };
  await apply({ http: { requestRate: atMost(1), onRateLimit: { status: 423, headers } } });
  const answer = await eventually('the new answer', async () => {
    const one = await ask(web);
    expect(one.status).toBe(423);
    return one;
  });
  expect(answer.value.headers).toMatchObject({ 'x-kuma-rate-limited': '100%', 'retry-after': '3600' });
});

test('after the interval requests pass again', async () => {
  await apply({ http: { requestRate: { num: 1, interval: '300ms' } } });
  await eventually('an answer', async () => expect((await ask(web)).status).toBe(200));
  await refused(web);
  await eventually('another answer', async () => expect((await ask(web)).status).toBe(200));
});

test('a limit that is switched off for one inbound limits nothing there', async () => {
  await apply({ http: { requestRate: atMost(1) } });
  await refused(web);
  await mesh.controlPlane.apply(
    JSON.stringify({
      type: 'MeshRateLimit',
      mesh: 'default',
      name: 'no-limit',
      spec: { targetRef: { kind: 'Dataplane', name: 'backend' }, rules: [{ default: { local: { http: { disabled: true } } } }] },
    }),
  );
  await eventually('no limit', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(web)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
  await mesh.controlPlane.kumactl(['delete', 'meshratelimit', 'no-limit']);
});

test('clients of some SPIFFE ids have limits of their own, or none', async () => {
  const rule = (type: string, value: string, http: object) => ({
    matches: [{ spiffeID: { type: 'Exact', value: 'spiffe://default/nobody' } }, { spiffeID: { type, value } }],
    default: { local: { http } },
  });
  const everyone = { default: { local: { http: { requestRate: atMost(2), onRateLimit: { status: 423 } } } } };
  const applyRules = (...rules: object[]) => {
    const targetRef = { kind: 'Dataplane', name: 'backend' };
    const spec = { targetRef, rules: [...rules, everyone] };
    return mesh.controlPlane.apply(JSON.stringify({ type: 'MeshRateLimit', mesh: 'default', name: 'of-clients', spec }));
  };
  const statuses = async (port: number, count: number) => {
    const answers = await Promise.all(Array.from({ length: count }, () => ask(port)));
    return answers.map(({ status }) => status).sort();
  };
  const prefix = rule('Prefix', 'spiffe://default/jo', { requestRate: atMost(1) });
  const exact = rule('Exact', 'spiffe://default/job', { requestRate: atMost(4) });
  await applyRules(exact, prefix);
  expect((await refused(web)).status).toBe(423);
  // Who calls itself the one that may still call is not it.
  const pretended = { 'x-forwarded-client-cert': 'By=x;URI=spiffe://default/job' };
  for (const port of [plain, web]) expect((await ask(port, { headers: pretended })).status).toBe(423);
  expect(await statuses(job, 7)).toEqual([200, 200, 200, 200, 423, 423, 423]);
  await applyRules(rule('Prefix', 'spiffe://default/we', { disabled: true }), prefix);
  await eventually('no limit', async () => expect(new Set(await statuses(web, 20))).toEqual(new Set([200])));
  expect(await statuses(job, 3)).toEqual([200, 423, 423]);
  expect(await statuses(plain, 4)).toEqual([200, 200, 423, 423]);
  const shown = await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'backend']);
  expect(shown).toMatch(/matches:\s+- spiffeID:\s+type: Exact\s+value: spiffe:\/\/default\/nobody\s+- spiffeID:\s+type: Prefix/);
  await mesh.controlPlane.kumactl(['delete', 'meshratelimit', 'of-clients']);
});

async function answered(port: number): Promise<boolean> {
  const client = new TcpClient(port);
  // Long enough to be told from the beginning of a TLS handshake.
  return client.say('a few words').then(
    () => true,
    () => false,
  );
}

test('TCP connections too many are closed, and exactly as many are taken as the limit says', async () => {
  expect(await answered(webDatabase)).toBe(true);
  await apply({ tcp: { connectionRate: atMost(1) } });
  await eventually('a closed connection', async () => expect(await answered(webDatabase)).toBe(false));
  expect(await answered(plainDatabase)).toBe(false);
  await apply({ tcp: { connectionRate: atMost(4) } });
  await eventually('the new limit', async () => expect(await answered(webDatabase)).toBe(true));
  const attempts = [];
  for (const port of [plainDatabase, webDatabase, plainDatabase, webDatabase, plainDatabase]) attempts.push(await answered(port));
  expect(attempts).toEqual([true, true, true, false, false]);
});

test('a limit of connections holds where they carry HTTP, too', async () => {
  await apply({ tcp: { connectionRate: atMost(2) } });
  await eventually('a closed connection', () => expect(ask(plain)).rejects.toThrow(/socket hang up|ECONNRESET/));
  await mesh.controlPlane.kumactl(['delete', 'meshratelimit', 'limit']);
  await eventually('an answer', async () => expect((await ask(plain)).status).toBe(200));
});
