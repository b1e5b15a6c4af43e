import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { ask, type HttpService, startHttpService } from '../../tools/fixtures/services.ts';

const docs = join(import.meta.dirname, '../../docs');
const pages = ['policies.md', ...globSync('policies/*.md', { cwd: docs }).sort()];

let mesh: Mesh;
let backend: HttpService;
let port: number;

/** The two services that the pages speak of, each at an address of its own, as the pages give them the same ports. */
const proxies = ['web', 'backend'];

beforeAll(async () => {
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  backend = await startHttpService('backend');
  const tags = { version: 'v1', app: 'backend' };
  const inbound = [{ service: 'backend', servicePort: backend.port, tags }];
  await mesh.join({ name: 'backend', address: '127.0.0.2', inbound });
  port = (await mesh.join({ name: 'web', calls: ['backend', 'database'] })).outbound('backend');
  await answers();
});

afterAll(async () => {
  await mesh?.stop();
  await backend?.close();
});

const answers = () => eventually('an answer', async () => expect((await ask(port)).status).toBe(200));

async function admin(proxy: string, what: 'xds' | 'stats'): Promise<string> {
  return (await fetch(`${mesh.controlPlane.apiUrl}/meshes/default/dataplanes/${proxy}/${what}`)).text();
}

/** What a proxy runs: names of its clusters, listeners and routes, and the hashes of their content. */
async function running(proxy: string): Promise<Record<string, string>> {
  const { configs } = JSON.parse(await admin(proxy, 'xds')) as { configs: Dump[] };
  const resources = configs.flatMap(({ dynamic_active_clusters = [], dynamic_listeners = [], dynamic_route_configs = [] }) => [
    ...dynamic_active_clusters.map(({ cluster, version_info }) => [`cluster ${cluster.name}`, version_info] as const),
    ...dynamic_listeners.flatMap(({ name, active_state }) =>
      active_state ? [[`listener ${name}`, active_state.version_info] as const] : [],
    ),
    ...dynamic_route_configs.map(({ route_config, version_info }) => [`routes ${route_config.name}`, version_info] as const),
  ]);
  return Object.fromEntries(resources);
}

interface Dump {
  readonly dynamic_active_clusters?: readonly { readonly cluster: { readonly name: string }; readonly version_info: string }[];
  readonly dynamic_listeners?: readonly { readonly name: string; readonly active_state?: { readonly version_info: string } }[];
  readonly dynamic_route_configs?: readonly {
    readonly route_config: { readonly name: string };
    readonly version_info: string;
  }[];
}

async function rejected(proxy: string): Promise<number> {
  const counts = (await admin(proxy, 'stats')).matchAll(/^\S+\.update_rejected: (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Of all that a proxy is sent, routes are the last: what was written before has arrived when this has. */
function marker(): string {
  const value = JSON.stringify({ responseHeadersToAdd: [{ header: { key: 'x-arrived', value: 'all of it' } }] });
  const appendModifications = [{ virtualHost: { operation: 'Patch', value } }];
  return JSON.stringify({ type: 'MeshProxyPatch', mesh: 'default', name: 'marker', spec: { default: { appendModifications } } });
}

test.each(pages)(
  'every example of %s is taken as it stands, by Envoy too, with nothing in it that is deprecated, and leaves nothing behind when deleted',
  async (page) => {
    const before = await Promise.all(proxies.map(running));
    const rejectedBefore = await Promise.all(proxies.map(rejected));
    const examples = [...readFileSync(join(docs, page), 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, yaml]) => yaml!);
    expect(examples).not.toEqual([]);
    const resources = examples.flatMap((yaml) => parseAllDocuments(yaml).map((document) => document.toJS() as Named));
    for (const example of examples) expect(await mesh.controlPlane.apply(example)).not.toContain('deprecated');
    await mesh.controlPlane.apply(marker());
    for (const proxy of proxies) {
      await eventually('all of it', async () => expect(await admin(proxy, 'xds')).toContain('x-arrived'));
    }
    expect(await Promise.all(proxies.map(rejected))).toEqual(rejectedBefore);
    for (const { type, name } of [...resources, { type: 'MeshProxyPatch', name: 'marker' }].reverse()) {
      await mesh.controlPlane.kumactl(['delete', type.toLowerCase(), name]);
    }
    for (const [index, proxy] of proxies.entries()) {
      await eventually('what ran before', async () => expect(await running(proxy)).toEqual(before[index]));
    }
    await answers();
  },
);

interface Named {
  readonly type: string;
  readonly name: string;
}
