import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../tools/fixtures/otlp/receiver.ts';
import { ask, type HttpService, startHttpService } from '../../tools/fixtures/services.ts';
import { type SpanReceiver, startSpanReceiver } from '../../tools/fixtures/span-receiver.ts';

let mesh: Mesh;
let backend: HttpService;
let shop: HttpService;
let call: number;
let receiver: SpanReceiver;
let collector: OtlpReceiver;
/** Of a request that is passed on: what the tracers of this test need of it. */
const traceHeaders = /^(x-request-id|x-b3-.*|x-datadog-.*|traceparent|tracestate)$/;

beforeAll(async () => {
  receiver = await startSpanReceiver();
  collector = await startOtlpReceiver();
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  backend = await startHttpService('backend');
  let toBackend = 0;
  shop = await startHttpService('shop', async ({ headers, url = '/' }, response) => {
    const passedOn = Object.entries(headers).filter(([name]) => traceHeaders.test(name)) as [string, string][];
    response.end((await ask(toBackend, { path: url, headers: Object.fromEntries(passedOn) })).body);
  });
  await mesh.join({ name: 'backend', inbound: [{ service: 'backend', servicePort: backend.port }] });
  const joined = await mesh.join({
    name: 'shop',
    inbound: [{ service: 'shop', servicePort: shop.port }],
    calls: ['backend'],
  });
  toBackend = joined.outbound('backend');
  const env = { KUMA_DATAPLANE_RUNTIME_DYNAMIC_SYSTEM_CA_PATH: mesh.controlPlane.caFile };
  call = (await mesh.join({ name: 'web', calls: ['shop'], sidecar: { env } })).outbound('shop');
  await eventually('an answer of the last service', async () => expect((await ask(call)).body).toBe('backend'));
});

afterAll(async () => {
  await mesh?.stop();
  await Promise.all([backend?.close(), shop?.close(), receiver?.close()]);
  collector?.close();
});

function trace(conf: object): Promise<string> {
  const spec = { targetRef: { kind: 'Mesh' }, default: conf };
  return mesh.controlPlane.apply(JSON.stringify({ type: 'MeshTrace', mesh: 'default', name: 'traces', spec }));
}

const zipkin = (more: object = {}) => ({
  backends: [{ type: 'Zipkin', zipkin: { url: `http://127.0.0.1:${receiver.port}/api/v2/spans`, ...more } }],
});

let requests = 0;

/** Sends requests, each to a path of its own, until the spans of one of them are all there. */
async function traced<T>(spansAt: (path: string) => T | undefined, headers: Record<string, string> = {}): Promise<T> {
  const paths: string[] = [];
  const { value } = await eventually(
    'the trace of a request',
    async () => {
      const path = `/request-${requests++}`;
      paths.push(path);
      expect((await ask(call, { path, headers })).status).toBe(200);
      for (const each of paths) {
        const spans = spansAt(each);
        if (spans !== undefined) return spans;
      }
      throw new Error('not yet');
    },
    30_000,
    100,
  );
  return value;
}

const all = 4;

function zipkinSpansAt(path: string) {
  const spans = receiver.zipkinSpans();
  const first = spans.find(({ tags }) => tags['http.url']?.endsWith(path));
  const together = first && spans.filter(({ traceId }) => traceId === first.traceId);
  return together?.length === all ? together : undefined;
}

test('both sides of two hops report spans of one trace to Zipkin, under the names of their services', async () => {
  await trace(zipkin());
  const spans = await traced(zipkinSpansAt);
  const sides = spans.map(({ kind, localEndpoint }) => `${localEndpoint.serviceName} ${kind}`).sort();
  expect(sides).toEqual(['backend SERVER', 'shop CLIENT', 'shop SERVER', 'web CLIENT']);
  expect(new Set(spans.map(({ id }) => id)).size).toBe(2);
  expect(spans[0]!.traceId).toHaveLength(16);
});

test('tags are literal, or of a header, or of its default', async () => {
  const tags = [
    { name: 'team', literal: 'core' },
    { name: 'env', header: { name: 'x-env', default: 'prod' } },
    { name: 'version', header: { name: 'x-version' } },
  ];
  await trace({ ...zipkin(), tags });
  const spanOfWeb = (path: string) =>
    zipkinSpansAt(path)?.find(({ tags: of, localEndpoint }) => of.team && localEndpoint.serviceName === 'web');
  const plain = await traced(spanOfWeb);
  expect(plain.tags).toMatchObject({ team: 'core', env: 'prod', 'kuma.mesh': 'default', 'kuma.zone': 'default' });
  expect(plain.tags).not.toHaveProperty('kuma.workload');
  expect(plain.tags).not.toHaveProperty('version');
  const told = await traced(spanOfWeb, { 'x-env': 'test', 'x-version': 'v2' });
  expect(told.tags).toMatchObject({ team: 'core', env: 'test', version: 'v2' });
});

test('ids of traces can be long, and each side can have a span of its own', async () => {
  await trace(zipkin({ traceId128bit: true, sharedSpanContext: false }));
  const spans = await traced((path) => {
    const found = zipkinSpansAt(path);
    return found && new Set(found.map(({ id }) => id)).size === all ? found : undefined;
  });
  expect(spans[0]!.traceId).toHaveLength(32);
});

test('spans can be posted as protobuf', async () => {
  await trace(zipkin({ apiVersion: 'httpProto' }));
  const { headers } = await traced((path) =>
    receiver.posted.find(
      (each) =>
        each.path === '/api/v2/spans' && each.headers['content-type'] === 'application/x-protobuf' && each.body.includes(path),
    ),
  );
  expect(headers.host).toBe(`127.0.0.1:${receiver.port}`);
});

/** What the proxies decided about a request, as they tell it to the next. */
async function decision(headers: Record<string, string> = {}): Promise<unknown> {
  await request(headers);
  return backend.requests.at(-1)!.headers['x-b3-sampled'];
}

async function request(headers: Record<string, string> = {}): Promise<void> {
  await ask(call, { path: `/request-${requests++}`, headers });
}

test('no request is traced with a sampling of 0, but those whose client asks for it, within the limit for all', async () => {
  const asking = { 'x-client-trace-id': 'a-client' };
  await trace({ ...zipkin(), sampling: { random: 0 } });
  await eventually('no trace unless asked for', async () => {
    for (const _ of Array(5)) expect(await decision()).toBe('0');
    for (const _ of Array(5)) expect(await decision(asking)).toBe('1');
  });
  await traced(zipkinSpansAt, asking);

  await trace({ ...zipkin(), sampling: { overall: '0' } });
  await eventually('no trace at all', async () => {
    for (const _ of Array(5)) expect(await decision(asking)).toBe('0');
  });

  await trace({ ...zipkin(), sampling: { client: 0, random: '0' } });
  await eventually('no trace for who asks either', async () => {
    for (const _ of Array(5)) expect(await decision(asking)).toBe('0');
  });

  for (const sampling of [{ random: '50.5' }, { overall: 50 }]) {
    await trace({ ...zipkin(), sampling });
    await eventually('some traced, some not', async () => {
      const decisions = new Set<unknown>();
      for (const _ of Array(40)) decisions.add(await decision());
      expect(decisions).toEqual(new Set(['0', '1']));
    });
  }

  await trace(zipkin());
  await eventually('a trace of all', async () => {
    for (const _ of Array(5)) expect(await decision()).toBe('1');
  });
});

test('OpenTelemetry collectors get the spans of one trace over gRPC', async () => {
  const openTelemetry = { endpoint: `127.0.0.1:${collector.port}` };
  await trace({ backends: [{ type: 'OpenTelemetry', openTelemetry }], tags: [{ name: 'team', literal: 'core' }] });
  const spans = await traced((path) => {
    const first = collector.spans.find(({ attributes }) => String(attributes['http.url']).endsWith(path));
    const together = collector.spans.filter(({ traceId }) => traceId === first?.traceId);
    return together.length === all ? together : undefined;
  });
  expect(spans.map(({ resource }) => resource['service.name']).sort()).toEqual(['backend', 'shop', 'shop', 'web']);
  expect(spans.map(({ attributes }) => attributes.team)).toEqual(['core', 'core', 'core', 'core']);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  expect(spans.filter(({ parentSpanId }) => ids.has(parentSpanId))).toHaveLength(all - 1);
});

test('OpenTelemetry collectors get spans over HTTP where that is their URL', async () => {
  const openTelemetry = { endpoint: `http://127.0.0.1:${receiver.port}` };
  await trace({ backends: [{ type: 'OpenTelemetry', openTelemetry }] });
  const { headers } = await traced((path) =>
    receiver.posted.find((each) => each.path === '/v1/traces' && each.body.includes(path)),
  );
  expect(headers['content-type']).toBe('application/x-protobuf');
});

test('a Datadog agent gets spans, of services that tell direction and destination where that is asked for', async () => {
  await trace({ backends: [{ type: 'Datadog', datadog: { url: `http://127.0.0.1:${receiver.port}`, splitService: true } }] });
  const services = ['web_OUTBOUND_shop', 'shop_INBOUND', 'shop_OUTBOUND_backend', 'backend_INBOUND'];
  await traced((path) => {
    const bodies = receiver.posted.filter((each) => each.path.endsWith('/traces') && each.body.includes(path));
    for (const { headers } of bodies) expect(headers.host).toBe(`127.0.0.1:${receiver.port}`);
    const found = services.filter((service) => bodies.some(({ body }) => body.includes(service)));
    return found.length === services.length || undefined;
  });
});

test.each(['127.0.0.1', 'localhost'])('a collector at https://%s is known by its certificate', async (host) => {
  const { workDir, caFile } = mesh.controlPlane;
  const key = readFileSync(join(workDir, 'kuma-cp.key'), 'utf8');
  const secure = await startSpanReceiver({ cert: readFileSync(caFile, 'utf8'), key });
  await trace({ backends: [{ type: 'Zipkin', zipkin: { url: `https://${host}:${secure.port}/api/v2/spans` } }] });
  await eventually('a span', async () => {
    await request();
    expect(secure.zipkinSpans().map(({ localEndpoint }) => localEndpoint.serviceName)).toContain('web');
  });
  await secure.close();
});

test('a collector that shows a certificate of somebody else gets nothing', async () => {
  const certificates = join(import.meta.dirname, '../../packages/xds-encode/src/testing/certificates');
  const pem = (name: string) => readFileSync(join(certificates, `${name}.pem`), 'utf8');
  const stranger = await startSpanReceiver({ cert: pem('web'), key: pem('web-key') });
  await trace({ backends: [{ type: 'Zipkin', zipkin: { url: `https://127.0.0.1:${stranger.port}/api/v2/spans` } }] });
  await eventually('a refusal', async () => {
    await request();
    const stats = await fetch(`${mesh.controlPlane.apiUrl}/meshes/default/dataplanes/web/stats`);
    expect(await stats.text()).toMatch(/meshtrace.zipkin\.ssl\.fail_verify_error: [1-9]/);
  });
  expect(stranger.posted).toEqual([]);
  await stranger.close();
});

test('an empty list of backends ends it', async () => {
  await trace({ backends: [] });
  await eventually('requests without the headers of a trace', async () => {
    await request();
    expect(Object.keys(backend.requests.at(-1)!.headers).filter((name) => /^(x-b3|x-datadog|traceparent)/.test(name))).toEqual(
      [],
    );
  });
});
