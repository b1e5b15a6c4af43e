import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { Mesh } from '../../tools/fixtures/mesh.ts';
import { ask, type HttpService, startHttpService } from '../../tools/fixtures/services.ts';

let mesh: Mesh;
let backend: HttpService;
/** A DNS server that hears questions, and answers none. */
let silent: Socket;
let questions = 0;
let call: number;

beforeAll(async () => {
  silent = createSocket('udp4', () => questions++).bind(0, '127.0.0.1');
  await once(silent, 'listening');
  mesh = await Mesh.start();
  backend = await startHttpService('backend');
  await mesh.join({ name: 'backend', inbound: [{ service: 'backend', servicePort: backend.port }] });
  call = (await mesh.join({ name: 'web', calls: ['backend'] })).outbound('backend');
  await eventually('a first answer', async () => expect((await ask(call)).status).toBe(200));
});

afterAll(async () => {
  await mesh?.stop();
  await backend?.close();
  silent?.close();
});

const apply = (...resources: readonly object[]) =>
  mesh.controlPlane.apply(resources.map((each) => JSON.stringify({ mesh: 'default', ...each })).join('\n---\n'));

/** The name of its cluster. */
const collector = 'meshtrace:zipkin';

/** Spans of all proxies but backend's go to a collector that only the silent server could know. */
function traceToNobody(): Promise<string> {
  const resolver = {
    '@type': 'type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig',
    resolvers: [{ socketAddress: { protocol: 'UDP', address: '127.0.0.1', portValue: silent.address().port } }],
  };
  const value = { typedDnsResolverConfig: { name: 'envoy.network.dns_resolver.cares', typedConfig: resolver } };
  const modification = { operation: 'Patch', match: { name: collector }, value: JSON.stringify(value) };
  const targetRef = { kind: 'MeshSubset', tags: { 'kuma.io/service': 'web' } };
  const backends = [{ type: 'Zipkin', zipkin: { url: 'http://collector.example:9411/api/v2/spans' } }];
  return apply(
    { type: 'MeshProxyPatch', name: 'resolver', spec: { default: { appendModifications: [{ cluster: modification }] } } },
    { type: 'MeshTrace', name: 'spans', spec: { targetRef, default: { backends } } },
  );
}

/** Proves that nobody has told a proxy of the collector's address or given it up, and that it holds nothing back for that. */
async function expectNothingHeldBack(dataplane: string): Promise<void> {
  expect(questions).toBeGreaterThan(0);
  const stats = await mesh.controlPlane.kumactl(['inspect', 'dataplane', dataplane, '--type=stats']);
  expect(stats).toMatch(/^cluster\.meshtrace_zipkin\.update_attempt: 1$/m);
  expect(stats).toMatch(/^cluster\.meshtrace_zipkin\.update_failure: 0$/m);
  expect(stats).toMatch(/^cluster_manager\.warming_clusters: 0$/m);
}

test('what comes after a collector whose name nobody resolves is in force before anybody gives it up', async () => {
  await traceToNobody();
  await eventually('a question', () => expect(questions).toBeGreaterThan(0));
  const filters = [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'x-routed', value: 'yes' }] } }];
  const rules = [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }], default: { filters } }];
  const to = [{ targetRef: { kind: 'MeshService', name: 'backend' }, rules }];
  await apply({ type: 'MeshHTTPRoute', name: 'marked', spec: { to } });
  await eventually('the route', async () => expect((await ask(call)).headers['x-routed']).toBe('yes'));
  await expectNothingHeldBack('web');
});

test('a proxy that starts does not wait for the name of its collector', async () => {
  questions = 0;
  const late = await mesh.join({ name: 'late', inbound: [{ service: 'web', servicePort: 1 }], calls: ['backend'] });
  await eventually('an answer', async () => expect((await ask(late.outbound('backend'))).status).toBe(200));
  await expectNothingHeldBack('late');
});
