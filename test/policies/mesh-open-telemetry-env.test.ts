import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../tools/fixtures/otlp/receiver.ts';
import { ask, type HttpService, startHttpService } from '../../tools/fixtures/services.ts';
import { type SpanReceiver, startSpanReceiver } from '../../tools/fixtures/span-receiver.ts';

/*
 * Sidecars whose environment has OTEL_EXPORTER_OTLP_*: `web` says where everything goes, `other` says it of spans alone and
 * over TLS.
 */
let mesh: Mesh;
let backend: HttpService;
let web: number;
let other: number;
/** Where the environment of `web` leads to. */
let gateway: OtlpReceiver;
/** What backends say. */
let stated: OtlpReceiver;
let secure: SpanReceiver;

beforeAll(async () => {
  gateway = await startOtlpReceiver();
  stated = await startOtlpReceiver();
  mesh = await Mesh.start();
  const { workDir, caFile } = mesh.controlPlane;
  const key = readFileSync(join(workDir, 'kuma-cp.key'), 'utf8');
  secure = await startSpanReceiver({ cert: readFileSync(caFile, 'utf8'), key });
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  backend = await startHttpService('backend');
  await mesh.join({ name: 'backend', inbound: [{ service: 'backend', servicePort: backend.port }] });
  const joined = async (name: string, variables: Record<string, string>) => {
    const env = Object.fromEntries(Object.entries(variables).map(([key, value]) => [`OTEL_EXPORTER_OTLP_${key}`, value]));
    return (await mesh.join({ name, calls: ['backend'], sidecar: { env } })).outbound('backend');
  };
  web = await joined('web', {
    ENDPOINT: `http://127.0.0.1:${gateway.port}`,
    METRICS_ENDPOINT: `http://127.0.0.1:${gateway.httpPort}/here/v1/metrics`,
    METRICS_PROTOCOL: 'http/protobuf',
    METRICS_COMPRESSION: 'gzip',
  });
  other = await joined('other', {
    TRACES_ENDPOINT: `https://localhost:${secure.port}/spans`,
    TRACES_PROTOCOL: 'http/protobuf',
    TRACES_HEADERS: 'authorization=Bearer%20a-secret',
    TRACES_CERTIFICATE: caFile,
  });
  for (const port of [web, other]) await eventually('a first answer', async () => expect((await ask(port)).status).toBe(200));
});

afterAll(async () => {
  await mesh?.stop();
  await Promise.all([backend?.close(), secure?.close()]);
  gateway?.close();
  stated?.close();
});

function collector(spec: object, name = 'otel'): string {
  return JSON.stringify({ type: 'MeshOpenTelemetryBackend', mesh: 'default', name, spec });
}

function policies(...names: readonly string[]): string {
  const backends = (more: object = {}) => ({
    backends: names.map((name) => {
      const backendRef = { kind: 'MeshOpenTelemetryBackend', name };
      return { type: 'OpenTelemetry', openTelemetry: { backendRef, ...more } };
    }),
  });
  const targetRef = { kind: 'Mesh' };
  const to = [{ targetRef: { kind: 'Mesh' }, default: backends({ body: '%REQ(:PATH)%' }) }];
  return [
    { type: 'MeshAccessLog', spec: { targetRef, to } },
    { type: 'MeshTrace', spec: { targetRef, default: { backends: backends().backends.slice(0, 1) } } },
    { type: 'MeshMetric', spec: { targetRef, default: backends({ refreshInterval: '200ms' }) } },
  ]
    .map((policy) => JSON.stringify({ mesh: 'default', name: 'all', ...policy }))
    .join('\n---\n');
}

type Signal = 'log' | 'span' | 'metrics';

let requests = 0;

/** Sends requests through a sidecar until the signals of one of them have come where they should, and nothing of it elsewhere. */
async function expectSent(
  sidecar: { readonly name: string; readonly port: number },
  expected: Partial<Record<Signal, OtlpReceiver>>,
): Promise<void> {
  const receivers = [gateway, stated];
  const of = (receiver: OtlpReceiver, seen: 'logs' | 'spans' | 'points') => receiver[seen].length;
  const begun = new Map(receivers.map((each) => [each, { logs: of(each, 'logs'), spans: of(each, 'spans') }]));
  let measured = new Map(receivers.map((each) => [each, of(each, 'points')]));
  const arrived = (receiver: OtlpReceiver, signal: Signal, path: string): boolean => {
    const { logs, spans } = begun.get(receiver)!;
    switch (signal) {
      case 'log':
        return receiver.logs.slice(logs).some(({ body }) => body === path);
      case 'span':
        // The service that is called has spans of its own, which go where its sidecar sends them.
        return receiver.spans
          .slice(spans)
          .some(
            ({ resource, attributes }) => resource['service.name'] === sidecar.name && `${attributes['http.url']}`.endsWith(path),
          );
      case 'metrics':
        return receiver.points.slice(measured.get(receiver)).some(({ attributes }) => attributes.dataplane === sidecar.name);
    }
  };
  const isRight = (path: string) =>
    (['log', 'span', 'metrics'] as const).every((signal) =>
      receivers.every((receiver) => arrived(receiver, signal, path) === (expected[signal] === receiver)),
    );
  const paths: string[] = [];
  await eventually(
    'signals where they should be',
    async () => {
      const path = `/request-${requests++}`;
      paths.push(path);
      expect((await ask(sidecar.port, { path })).status).toBe(200);
      // Metrics belong to no request: those of some time ago may have gone where they did before.
      if (paths.length % 20 === 0) measured = new Map(receivers.map((each) => [each, of(each, 'points')]));
      expect(paths.slice(-40).some(isRight)).toBe(true);
    },
    40_000,
    100,
  );
}

test('the environment of a sidecar says where signals go, each as its own variables have it', async () => {
  await mesh.controlPlane.apply(`${collector({ endpoint: { port: stated.port } })}\n---\n${policies('otel')}`);
  await expectSent({ name: 'web', port: web }, { log: gateway, span: gateway, metrics: gateway });
  expect(new Set(gateway.posted)).toEqual(new Set([`127.0.0.1:${gateway.httpPort}/here/v1/metrics`]));
});

test('signals of which the environment says nothing go where the backend says; headers and certificates come from files', async () => {
  await expectSent({ name: 'other', port: other }, { log: stated, metrics: stated });
  await eventually('a span over TLS', async () => {
    await ask(other);
    const { path, headers } = secure.posted.at(-1)!;
    expect({ path, ...headers }).toMatchObject({
      path: '/spans',
      authorization: 'Bearer a-secret',
      'content-type': 'application/x-protobuf',
    });
  });
});

test('the backend can come first, do without variables of single signals, or without any', async () => {
  const endpoint = { address: '127.0.0.1', port: stated.port };
  await mesh.controlPlane.apply(collector({ endpoint, env: { precedence: 'ExplicitFirst', allowSignalOverrides: false } }));
  await expectSent({ name: 'web', port: web }, { log: stated, span: stated, metrics: stated });
  await mesh.controlPlane.apply(collector({ endpoint, env: { allowSignalOverrides: false } }));
  await expectSent({ name: 'web', port: web }, { log: gateway, span: gateway, metrics: gateway });
  await mesh.controlPlane.apply(collector({ endpoint, env: { mode: 'Disabled' } }));
  await expectSent({ name: 'web', port: web }, { log: stated, span: stated, metrics: stated });
});

test('what counts on the environment is not sent where that says nothing', async () => {
  await mesh.controlPlane.apply(collector({ endpoint: { port: stated.port }, env: { mode: 'Required' } }));
  await expectSent({ name: 'web', port: web }, { log: gateway, span: gateway, metrics: gateway });
  const count = () =>
    stated.logs.length + stated.spans.length + stated.points.filter(({ attributes }) => attributes.dataplane === 'other').length;
  let last = count();
  let quiet = 0;
  await eventually('quiet', async () => {
    expect((await ask(other)).status).toBe(200);
    const now = count();
    quiet = now === last ? quiet + 1 : 0;
    last = now;
    // As many requests as take several times the longest that Envoy keeps what it sends.
    expect(quiet).toBeGreaterThan(300);
  });
});

test('variables are for one collector: where there are two, both get what the backends say', async () => {
  const second = collector({ endpoint: { port: stated.port } }, 'second');
  const first = collector({ endpoint: { port: stated.port } });
  await mesh.controlPlane.apply([first, second, policies('otel', 'second')].join('\n---\n'));
  await expectSent({ name: 'web', port: web }, { log: stated, span: gateway, metrics: stated });
});
