import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../tools/fixtures/otlp/receiver.ts';
import { ask, type HttpService, startHttpService } from '../../tools/fixtures/services.ts';

let mesh: Mesh;
let backend: HttpService;
let call: number;
let first: OtlpReceiver;
let second: OtlpReceiver;

beforeAll(async () => {
  first = await startOtlpReceiver();
  second = await startOtlpReceiver();
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  backend = await startHttpService('backend');
  await mesh.join({ name: 'backend', inbound: [{ service: 'backend', servicePort: backend.port }] });
  call = (await mesh.join({ name: 'web', calls: ['backend'] })).outbound('backend');
  await eventually('a first answer', async () => expect((await ask(call)).status).toBe(200));
});

afterAll(async () => {
  await mesh?.stop();
  await backend?.close();
  first?.close();
  second?.close();
});

function collector(name: string, spec: object, labels: object = {}): string {
  return JSON.stringify({ type: 'MeshOpenTelemetryBackend', mesh: 'default', name, labels, spec });
}

/** A policy of each kind, for the proxy that calls: all send to the collector that is meant. */
function policies(by: object): string {
  const backendRef = { kind: 'MeshOpenTelemetryBackend', ...by };
  const backends = (more: object = {}) => ({ backends: [{ type: 'OpenTelemetry', openTelemetry: { backendRef, ...more } }] });
  const targetRef = { kind: 'Dataplane', name: 'web' };
  const to = [{ targetRef: { kind: 'Mesh' }, default: backends({ body: '%REQ(:PATH)%' }) }];
  return [
    { type: 'MeshAccessLog', spec: { targetRef, to } },
    { type: 'MeshTrace', spec: { targetRef, default: backends() } },
    { type: 'MeshMetric', spec: { targetRef, default: backends({ refreshInterval: '200ms' }) } },
  ]
    .map((policy) => JSON.stringify({ mesh: 'default', name: 'all', ...policy }))
    .join('\n---\n');
}

let requests = 0;

/** What of a request, and of the proxy that sent it, came to a collector. */
function signalsOf(path: string, { logs, spans, points }: OtlpReceiver, pointsBefore: number): readonly string[] {
  return [
    ...(logs.some(({ body }) => body === path) ? ['a log'] : []),
    ...(spans.some(({ attributes }) => String(attributes['http.url']).endsWith(path)) ? ['a span'] : []),
    ...(points.slice(pointsBefore).some(({ attributes }) => attributes.dataplane === 'web') ? ['metrics'] : []),
  ];
}

/** Sends requests until the collector got everything of one of them, and another collector nothing of it. */
async function expectAllAt(collector: OtlpReceiver, notAt: OtlpReceiver): Promise<void> {
  const sent: { readonly path: string; readonly elsewhere: number }[] = [];
  const before = collector.points.length;
  await eventually(
    'a log, a span and metrics',
    async () => {
      const path = `/request-${requests++}`;
      sent.push({ path, elsewhere: notAt.points.length });
      expect((await ask(call, { path })).status).toBe(200);
      const arrived = sent.findLast((each) => signalsOf(each.path, collector, before).length === 3);
      expect(arrived).toBeDefined();
      expect(signalsOf(arrived!.path, notAt, arrived!.elsewhere)).toEqual([]);
    },
    40_000,
    100,
  );
}

test('policies that refer to a collector which is not there say so, and traffic passes', async () => {
  const output = await mesh.controlPlane.apply(policies({ name: 'otel' }));
  expect(output.match(/refers to MeshOpenTelemetryBackend "otel", which mesh "default" does not have now/g)).toHaveLength(3);
  for (let i = 0; i < 5; i++) expect((await ask(call)).status).toBe(200);
});

test('a collector on the host of the proxy gets logs, spans and metrics', async () => {
  await mesh.controlPlane.apply(collector('otel', { endpoint: { port: first.port } }));
  await expectAllAt(first, second);
});

test('another address moves logs, spans and metrics', async () => {
  await mesh.controlPlane.apply(collector('otel', { endpoint: { address: '127.0.0.1', port: second.port } }));
  await expectAllAt(second, first);
});

test('a collector that takes HTTP gets them below its path', async () => {
  const endpoint = { address: 'localhost', port: first.httpPort, path: '/otlp' };
  await mesh.controlPlane.apply(collector('otel', { endpoint, protocol: 'http' }));
  await expectAllAt(first, second);
  const place = `localhost:${first.httpPort}/otlp/v1`;
  expect(new Set(first.posted)).toEqual(new Set([`${place}/logs`, `${place}/traces`, `${place}/metrics`]));
});

test('without the collector nothing is sent, which its removal says, and traffic passes', async () => {
  const output = await mesh.controlPlane.kumactl(['delete', 'meshopentelemetrybackend', 'otel']);
  for (const kind of ['MeshAccessLog', 'MeshMetric', 'MeshTrace']) expect(output).toContain(`${kind} "all" refers to this`);
  const count = () => first.logs.length + first.spans.length + first.points.length;
  let last = count();
  let quiet = 0;
  await eventually('quiet', async () => {
    expect((await ask(call)).status).toBe(200);
    const now = count();
    quiet = now === last ? quiet + 1 : 0;
    last = now;
    // As many requests as take several times the longest that Envoy keeps what it sends.
    expect(quiet).toBeGreaterThan(300);
  });
});

test('by labels, the oldest of those that are meant counts, and the next one after it', async () => {
  const backends = [
    collector('younger', { endpoint: { port: second.port } }, { tier: 'main' }),
    collector('elsewhere', { endpoint: { port: second.port } }, { tier: 'other' }),
    policies({ labels: { tier: 'main' } }),
  ];
  await mesh.controlPlane.apply(collector('older', { endpoint: { port: first.port } }, { tier: 'main' }));
  expect(await mesh.controlPlane.apply(backends.join('\n---\n'))).not.toContain('Warning');
  await expectAllAt(first, second);
  expect(await mesh.controlPlane.kumactl(['delete', 'meshopentelemetrybackend', 'older'])).not.toContain('Warning');
  await expectAllAt(second, first);
});

test('of all that, proxies refused nothing', async () => {
  const overview = await fetch(`${mesh.controlPlane.apiUrl}/meshes/default/dataplanes/web/_overview`);
  expect(await overview.text()).not.toMatch(/"responsesRejected":"?[1-9]/);
});
