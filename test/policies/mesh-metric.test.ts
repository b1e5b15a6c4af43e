import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../tools/fixtures/otlp/receiver.ts';
import { freePorts } from '../../tools/fixtures/ports.ts';
import { ask, type HttpService, startHttpService } from '../../tools/fixtures/services.ts';

let mesh: Mesh;
let backend: HttpService;
let exporter: HttpService;
let collector: OtlpReceiver;
let call: number;
let callOfDotted: number;
let metricsPort: number;
const certificates = join(import.meta.dirname, '../../packages/xds-encode/src/testing/certificates');

beforeAll(async () => {
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  backend = await startHttpService('backend');
  exporter = await startHttpService('exporter', (_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(
      '# HELP shop_orders_total Orders.\n# TYPE shop_orders_total counter\nshop_orders_total{kind="book",mesh="mine"} 7\n',
    );
  });
  collector = await startOtlpReceiver();
  const services = ['backend', 'shop.eu'];
  await mesh.join({ name: 'backend', inbound: services.map((service) => ({ service, servicePort: backend.port })) });
  const web = await mesh.join({
    name: 'web',
    calls: services,
    sidecar: { args: [`--metrics-cert-path=${certificates}/web.pem`, `--metrics-key-path=${certificates}/web-key.pem`] },
  });
  call = web.outbound('backend');
  callOfDotted = web.outbound('shop.eu');
  [metricsPort] = (await freePorts(1)) as [number];
  await eventually('a first answer', async () => expect((await ask(call)).status).toBe(200));
});

afterAll(async () => {
  await mesh?.stop();
  await backend?.close();
  await exporter?.close();
  collector?.close();
});

function metric(conf: object): Promise<string> {
  const spec = { targetRef: { kind: 'Dataplane', name: 'web' }, default: conf };
  return mesh.controlPlane.apply(JSON.stringify({ type: 'MeshMetric', mesh: 'default', name: 'of-web', spec }));
}

function prometheus(more: object = {}): object {
  return { type: 'Prometheus', prometheus: { port: metricsPort, ...more } };
}

async function scrape(path = '/metrics'): Promise<string> {
  const { status, body } = await ask(metricsPort, { path });
  expect(status).toBe(200);
  return body;
}

/** Value of the series whose labels have all of these in them. */
function countOf(text: string, name: string, ...labels: string[]): number {
  const line = text.split('\n').find((each) => each.startsWith(`${name}{`) && labels.every((label) => each.includes(label)));
  return Number(line?.slice(line.lastIndexOf(' ') + 1) ?? Number.NaN);
}

const requests = 'envoy_cluster_upstream_rq';
const toBackend = 'envoy_cluster_name="backend"';

test('requests make counters rise at the endpoint, with the labels of the proxy', async () => {
  await metric({ backends: [prometheus()] });
  const before = (
    await eventually('the endpoint', async () => {
      const count = countOf(await scrape(), requests, toBackend, 'envoy_response_code="200"');
      expect(count).toBeGreaterThan(0);
      return count;
    })
  ).value;
  for (let i = 0; i < 5; i++) await ask(call);
  await eventually('five requests more', async () => {
    const labels = [toBackend, 'mesh="default"', 'dataplane="web"', 'service="web"', 'kuma_io_services=",web,"'];
    expect(countOf(await scrape(), requests, ...labels)).toBe(before + 5);
  });
});

test('services and collectors with dots in their names are counted under the metrics of all others', async () => {
  const openTelemetry = { endpoint: `127.0.0.1:${collector.port}`, refreshInterval: '1s' };
  const sidecar = { profiles: { appendProfiles: [{ name: 'All' }] } };
  await metric({ sidecar, backends: [prometheus(), { type: 'OpenTelemetry', openTelemetry }] });
  await eventually('requests of each', async () => {
    expect((await ask(callOfDotted)).status).toBe(200);
    const text = await scrape();
    const ofCollector = `envoy_cluster_name="_kuma_metrics_opentelemetry_cluster_127_0_0_1-${collector.port}"`;
    for (const cluster of ['envoy_cluster_name="shop_eu"', ofCollector]) {
      expect(countOf(text, requests, cluster, 'envoy_response_code="200"')).toBeGreaterThan(0);
    }
    expect(countOf(text, 'envoy_http_downstream_rq_completed', 'envoy_http_conn_manager_prefix="shop_eu"')).toBeGreaterThan(0);
    expect(text).not.toMatch(/^envoy_(cluster|http)_(eu|0_0_1)_/m);
  });
});

test('metrics of applications are merged, at a path and with labels that the policy states', async () => {
  await metric({
    applications: [{ name: 'shop', port: exporter.port, path: '/metrics/prometheus' }],
    backends: [prometheus({ path: '/merged' })],
  });
  const { value: text } = await eventually('the application', async () => {
    const body = await scrape('/merged');
    expect(countOf(body, 'shop_orders_total', 'kind="book"', 'exported_mesh="mine"', 'mesh="default"', 'dataplane="web"')).toBe(
      7,
    );
    return body;
  });
  expect(text).toContain('# HELP shop_orders_total Orders.\n# TYPE shop_orders_total counter\n');
  expect(countOf(text, requests, toBackend)).toBeGreaterThan(0);
  expect(exporter.requests.at(-1)?.url).toBe('/metrics/prometheus');
  expect((await ask(metricsPort, { path: '/metrics' })).status).toBe(404);
});

test('an application that sends on to another path is followed', async () => {
  const moved = await startHttpService('moved', ({ url }, response) => {
    const there = url?.endsWith('/?all=1');
    response.writeHead(there ? 200 : 307, there ? { 'content-type': 'text/plain' } : { location: `${url}/?all=1` });
    response.end(there ? 'moved_total 3\n' : '');
  });
  const lost = await startHttpService('lost', ({ url }, response) => {
    response.writeHead(301, { location: url! }).end();
  });
  await metric({ applications: [{ port: moved.port, path: '/m' }, { port: lost.port }], backends: [prometheus()] });
  await eventually('its metrics', async () => expect(countOf(await scrape(), 'moved_total')).toBe(3));
  await Promise.all([moved.close(), lost.close()]);
});

test('an application that is the endpoint of a proxy is left out, and nobody asks without end', async () => {
  await metric({ applications: [{ port: metricsPort }, { port: exporter.port }], backends: [prometheus()] });
  await eventually('the other application', async () => expect(countOf(await scrape(), 'shop_orders_total')).toBe(7));
  const before = exporter.requests.length;
  await scrape();
  expect(exporter.requests.length - before).toBe(1);
});

test('an application that says nothing, or nonsense, leaves the metrics of the proxy and of others alone', async () => {
  const [nobody] = (await freePorts(1)) as [number];
  const confused = await startHttpService('confused', (_, response) => response.end('a_number 1\nno_number one\n'));
  const applications = [nobody, confused.port, exporter.port].map((port) => ({ port }));
  await metric({ applications, backends: [prometheus()] });
  await eventually('the other application', async () => {
    const text = await scrape();
    expect(countOf(text, 'shop_orders_total')).toBe(7);
    expect(countOf(text, requests, toBackend)).toBeGreaterThan(0);
    expect(confused.requests).not.toEqual([]);
    expect(text).not.toContain('_number');
  });
  await confused.close();
});

test('profiles, exclude, include and includeUnused say which metrics there are', async () => {
  const families = (text: string) => new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!));
  const published = async (sidecar: object, check: (names: ReadonlySet<string>) => void) => {
    await metric({ sidecar, backends: [prometheus()] });
    await eventually('the selected metrics', async () => check(families(await scrape())));
  };
  const profiles = (name: string, more: object = {}) => ({ profiles: { appendProfiles: [{ name }], ...more } });
  await published(profiles('None'), (names) => expect(names).toEqual(new Set()));
  await published(profiles('None', { include: [{ type: 'Prefix', match: 'envoy_server_l' }] }), (names) =>
    expect(names).toEqual(new Set(['envoy_server_live'])),
  );
  await published(profiles('None', { include: [{ type: 'Exact', match: 'envoy_server_uptime' }] }), (names) =>
    expect(names).toEqual(new Set(['envoy_server_uptime'])),
  );
  await published(profiles('None', { include: [{ type: 'Contains', match: 'rver_upt' }] }), (names) =>
    expect(names).toEqual(new Set(['envoy_server_uptime'])),
  );
  await published(
    profiles('All', { exclude: [{ type: 'Prefix', match: 'envoy_' }], include: [{ type: 'Regex', match: 'live$' }] }),
    (names) => expect(names).toEqual(new Set(['envoy_server_live'])),
  );
  await published({ ...profiles('All'), regex: '^server\\.(live|uptime)' }, (names) =>
    expect(names).toEqual(new Set(['envoy_server_live', 'envoy_server_uptime'])),
  );
  await published(profiles('Basic'), (names) => {
    expect(names).toContain('envoy_server_live');
    expect(names).not.toContain('envoy_cluster_assignment_stale');
    expect(names).not.toContain('envoy_runtime_num_keys');
  });
  await published(profiles('All', { exclude: [{ type: 'Regex', match: '^envoy_(server|cluster)_' }] }), (names) => {
    expect(names).toContain('envoy_runtime_num_keys');
    expect(names).not.toContain('envoy_server_live');
  });
  const unused = 'envoy_cluster_upstream_rq_maintenance_mode';
  await published(profiles('All'), (names) => expect(names).not.toContain(unused));
  await published({ ...profiles('All'), includeUnused: true }, (names) => expect(names).toContain(unused));
  expect(families(await scrape('/metrics?filter=server.live'))).toEqual(new Set(['envoy_server_live']));
  const summaries = await scrape('/metrics?filter=upstream_rq_time&histogram_buckets=summary');
  expect(summaries).toContain('# TYPE envoy_cluster_upstream_rq_time summary\n');
});

test('a collector of OpenTelemetry is sent what an endpoint has, again and again', async () => {
  const endpoint = `http://127.0.0.1:${collector.port}`;
  await metric({
    applications: [{ name: 'shop', port: exporter.port }],
    backends: [prometheus(), { type: 'OpenTelemetry', openTelemetry: { endpoint, refreshInterval: '200ms' } }],
  });
  const latest = (name: string, attributes: object) =>
    collector.points.findLast(
      (each) => each.name === name && Object.entries(attributes).every(([k, v]) => each.attributes[k] === v),
    );
  const ofProxy = { mesh: 'default', dataplane: 'web', kuma_io_service: 'web', 'kuma.proxy_role': 'sidecar' };
  const counted = () => latest(requests, { ...ofProxy, envoy_cluster_name: 'backend', envoy_response_code: '200' });
  const { value: before } = await eventually('a first export', () => {
    expect(counted()).toMatchObject({ kind: 'sum', cumulative: true, scope: 'kuma' });
    return counted()!.point.asDouble as number;
  });
  expect(counted()!.resource).toEqual({ 'service.name': 'web', 'service.instance.id': 'web' });
  for (let i = 0; i < 3; i++) await ask(call);
  await eventually('three requests more', () => expect(counted()!.point.asDouble).toBe(before + 3));
  await eventually('what the application counts', () => {
    const orders = latest('shop_orders_total', { ...ofProxy, kind: 'book', exported_mesh: 'mine' });
    expect(orders).toMatchObject({ scope: 'shop', kind: 'sum', description: 'Orders.', point: { asDouble: 7 } });
  });
  expect(latest('envoy_server_live', ofProxy)).toMatchObject({ kind: 'gauge', point: { asDouble: 1 } });
  // Envoy makes up its histograms every five seconds.
  await eventually('a histogram', () =>
    expect(latest('envoy_cluster_upstream_rq_time', { envoy_cluster_name: 'backend' })).toMatchObject({ kind: 'histogram' }),
  );
});

test('a collector that no policy names any more is sent nothing more', async () => {
  await metric({ backends: [prometheus()] });
  const count = async () => {
    await scrape();
    return collector.points.length;
  };
  let last = await count();
  // Quiet for as many looks as take several intervals.
  let quiet = 0;
  await eventually('quiet', async () => {
    const now = await count();
    quiet = now === last ? quiet + 1 : 0;
    last = now;
    expect(quiet).toBeGreaterThan(40);
  });
});

test('a backend gets the port that another one of the proxy leaves', async () => {
  const [elsewhere] = (await freePorts(1)) as [number];
  await metric({ backends: [prometheus()] });
  await eventually('the endpoint', () => scrape());
  await metric({ backends: [prometheus({ clientId: 'a', path: '/of-a' }), prometheus({ port: elsewhere })] });
  await eventually('the endpoint at another port', async () =>
    expect((await ask(elsewhere, { path: '/metrics' })).status).toBe(200),
  );
  await eventually('the other endpoint at its port', () => scrape('/of-a'));
});

test('without a backend there is no endpoint', async () => {
  await metric({ backends: [prometheus()] });
  await eventually('the endpoint', () => scrape());
  await mesh.controlPlane.kumactl(['delete', 'meshmetric', 'of-web']);
  await eventually('nobody there', () => expect(scrape()).rejects.toThrow('ECONNREFUSED'));
});
