import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { type FoundPrometheus, findPrometheus } from '../../tools/fixtures/find-prometheus.ts';
import { allowAll, Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { freePorts } from '../../tools/fixtures/ports.ts';
import { Prometheus } from '../../tools/fixtures/prometheus.ts';
import { ask, type HttpService, startHttpService } from '../../tools/fixtures/services.ts';

let found: FoundPrometheus;
let mesh: Mesh;
let backend: HttpService;
let prometheus: Prometheus;
let call: number;

/** As the page on MeshMetric has it. */
const label = (from: string, to: string) => ({ source_labels: [`__meta_kuma_${from}`], target_label: to });
const relabel = [label('mesh', 'mesh'), label('dataplane', 'dataplane'), label('service', 'service')];
const discoveries = ['kuma_sd_configs', 'http_sd_configs'] as const;

/** One job for each of those that this Prometheus has. */
function scrapeConfigs(server: string): readonly object[] {
  const discovering = {
    kuma_sd_configs: [{ server, refresh_interval: '1s', fetch_timeout: '10s' }],
    http_sd_configs: [{ url: `${server}/targets`, refresh_interval: '1s' }],
  };
  return discoveries
    .filter((key) => key === 'http_sd_configs' || !found.missing)
    .map((key) => ({ job_name: key, honor_labels: true, relabel_configs: relabel, [key]: discovering[key] }));
}

// It may have to be built first.
beforeAll(async () => {
  found = await findPrometheus();
}, 25 * 60_000);

beforeAll(async () => {
  if (!found.path) return;
  mesh = await Mesh.start();
  const { controlPlane } = mesh;
  await controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  backend = await startHttpService('backend');
  await mesh.join({ name: 'backend-1', inbound: [{ service: 'backend', servicePort: backend.port }] });
  call = (await mesh.join({ name: 'web-1', inbound: [{ service: 'web', servicePort: 1 }], calls: ['backend'] })).outbound(
    'backend',
  );
  for (const name of ['backend-1', 'web-1']) await metricsOf(name);
  const server = `http://127.0.0.1:${controlPlane.ports.mads}`;
  prometheus = await Prometheus.start({ path: found.path, scrapeConfigs: scrapeConfigs(server) });
});

afterAll(async () => {
  await prometheus?.stop();
  await mesh?.stop();
  await backend?.close();
});

/** A port for each proxy, as all are on loopback. */
async function metricsOf(dataplane: string): Promise<number> {
  const [port] = (await freePorts(1)) as [number];
  const backends = [{ type: 'Prometheus', prometheus: { port } }];
  const spec = { targetRef: { kind: 'Dataplane', name: dataplane }, default: { backends } };
  await mesh.controlPlane.apply(JSON.stringify({ type: 'MeshMetric', mesh: 'default', name: `of-${dataplane}`, spec }));
  return port;
}

function needs(discovery: (typeof discoveries)[number], { skip }: TestContext): void {
  skip(found.path === undefined || (discovery === 'kuma_sd_configs' && found.missing !== undefined), found.missing);
}

/** Prometheus tells its scrapers of what it discovered every five seconds only. */
const patience = 45_000;

test.for(discoveries)('a Prometheus finds the proxies of the mesh by %s and scrapes them', async (job, context) => {
  needs(job, context);
  await eventually(
    'both proxies being up',
    async () => {
      const up = await prometheus.query(`up{job="${job}"} == 1`);
      const of = { __name__: 'up', job, mesh: 'default' };
      expect(up.map(({ metric }) => metric).sort((a, b) => (a.instance! < b.instance! ? -1 : 1))).toEqual([
        { ...of, dataplane: 'backend-1', service: 'backend', instance: 'backend-1' },
        { ...of, dataplane: 'web-1', service: 'web', instance: 'web-1' },
      ]);
    },
    patience,
  );
});

test('requests are seen in Prometheus at both ends', async (context) => {
  const job = 'http_sd_configs';
  needs(job, context);
  const total = async (selector: string): Promise<number> =>
    Number((await prometheus.query(`sum(envoy_cluster_upstream_rq{job="${job}",${selector}})`))[0]?.value[1] ?? 0);
  const client =
    'mesh="default",dataplane="web-1",service="web",instance="web-1",envoy_cluster_name="backend",envoy_response_code="200"';
  const server = `dataplane="backend-1",kuma_io_service="backend",envoy_cluster_name="localhost_${backend.port}"`;
  await eventually('a first answer', async () => expect((await ask(call)).status).toBe(200));
  for (let i = 0; i < 9; i++) await ask(call);
  await eventually(
    'ten requests at least',
    async () => {
      expect(await total(client)).toBeGreaterThanOrEqual(10);
      expect(await total(server)).toBeGreaterThanOrEqual(10);
    },
    patience,
  );
});

test.for(discoveries)('proxies that come and go are targets and no targets of %s', async (job, context) => {
  needs(job, context);
  const targets = async () => (await prometheus.targets()).filter(({ labels }) => labels.job === job);
  const { sidecar } = await mesh.join({ name: 'late-1', inbound: [{ service: 'late', servicePort: 1 }] });
  const port = await metricsOf('late-1');
  await eventually(
    'the new proxy',
    async () => {
      const target = (await targets()).find(({ labels }) => labels.dataplane === 'late-1');
      expect(target).toMatchObject({ scrapeUrl: `http://127.0.0.1:${port}/metrics`, health: 'up' });
    },
    patience,
  );
  sidecar.process.kill('SIGTERM');
  await eventually(
    'it being gone',
    async () => expect((await targets()).map(({ labels }) => labels.dataplane).sort()).toEqual(['backend-1', 'web-1']),
    patience,
  );
});
