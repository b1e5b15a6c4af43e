import { afterAll, beforeAll, expect, test } from 'vitest';
import { Balancer } from '../../tools/fixtures/balancer.ts';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { Mesh } from '../../tools/fixtures/mesh.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../tools/fixtures/otlp/receiver.ts';
import { ask, type HttpService, startHttpService } from '../../tools/fixtures/services.ts';

let mesh: Mesh;
let backend: HttpService;
let collector: OtlpReceiver;
let way: Balancer;
let call: number;

beforeAll(async () => {
  collector = await startOtlpReceiver();
  way = await Balancer.start([collector.port]);
  mesh = await Mesh.start();
  backend = await startHttpService('backend');
  await mesh.join({ name: 'backend', inbound: [{ service: 'backend', servicePort: backend.port }] });
  call = (await mesh.join({ name: 'web', calls: ['backend'] })).outbound('backend');
  await eventually('a first answer', async () => expect((await ask(call)).status).toBe(200));
});

afterAll(async () => {
  await mesh?.stop();
  await way?.close();
  await backend?.close();
  collector?.close();
});

async function sendEverything(): Promise<void> {
  const endpoint = { address: '127.0.0.1', port: way.port };
  const openTelemetry = { backendRef: { kind: 'MeshOpenTelemetryBackend', name: 'collector' } };
  const backends = (more: object = {}) => ({
    backends: [{ type: 'OpenTelemetry', openTelemetry: { ...openTelemetry, ...more } }],
  });
  const targetRef = { kind: 'Dataplane', name: 'web' };
  const resources = [
    { type: 'MeshOpenTelemetryBackend', name: 'collector', spec: { endpoint } },
    { type: 'MeshAccessLog', name: 'logs', spec: { targetRef, to: [{ targetRef: { kind: 'Mesh' }, default: backends() }] } },
    { type: 'MeshTrace', name: 'spans', spec: { targetRef, default: backends() } },
    { type: 'MeshMetric', name: 'metrics', spec: { targetRef, default: backends({ refreshInterval: '1s' }) } },
  ];
  await mesh.controlPlane.apply(resources.map((each) => JSON.stringify({ mesh: 'default', ...each })).join('\n---\n'));
}

/** Requests until more of every signal has come than there was. */
async function everySignalComes(patience: number): Promise<void> {
  const { logs, spans, points } = collector;
  const before = { logs: logs.length, spans: spans.length, points: points.length };
  await eventually(
    'every signal',
    async () => {
      expect((await ask(call)).status).toBe(200);
      expect(logs.length).toBeGreaterThan(before.logs);
      expect(spans.length).toBeGreaterThan(before.spans);
      expect(points.length).toBeGreaterThan(before.points);
    },
    patience,
    100,
  );
}

/** Exports that Envoy waits for, and those that it has given up. */
async function exports(): Promise<{ readonly underWay: number; readonly givenUp: number }> {
  const stats = await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'web', '--type=stats']);
  const sum = (name: string) =>
    [...stats.matchAll(new RegExp(`^cluster\\.(?:mesh|system_|_kuma).*opentelemetry.*\\.${name}: (\\d+)$`, 'gm'))]
      .map(([, value]) => Number(value))
      .reduce((a, b) => a + b, 0);
  return { underWay: sum('upstream_rq_active'), givenUp: sum('upstream_rq_max_duration_reached') };
}

test('signals come again after the host of a collector vanished without a word, and nothing waits for it for ever', async () => {
  await sendEverything();
  await everySignalComes(30_000);
  way.fallSilent();
  await everySignalComes(60_000);
  await eventually('exports being given up', async () => {
    await ask(call);
    const { underWay, givenUp } = await exports();
    expect(givenUp).toBeGreaterThan(0);
    expect(underWay).toBeLessThan(10);
  });
}, 120_000);
