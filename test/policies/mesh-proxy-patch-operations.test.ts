import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { freePorts } from '../../tools/fixtures/ports.ts';
import { ask, type HttpService, startHttpService } from '../../tools/fixtures/services.ts';

/*
 * Every operation on every part of a configuration, seen by a client of the proxy.
 */

let mesh: Mesh;
let backend: HttpService;
let extra: HttpService;
let port: number;
let listener: string;

beforeAll(async () => {
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  backend = await startHttpService('backend');
  extra = await startHttpService('extra');
  await mesh.join({ name: 'backend', inbound: [{ service: 'backend', servicePort: backend.port }] });
  port = (await mesh.join({ name: 'web', calls: ['backend'] })).outbound('backend');
  listener = `outbound:127.0.0.1:${port}`;
  await works();
});

afterAll(async () => {
  await mesh?.stop();
  await Promise.all([backend?.close(), extra?.close()]);
});

const works = () =>
  eventually('an answer as before', async () => {
    const { status, body, headers } = await ask(port);
    expect({ status, body, via: headers.via }).toEqual({ status: 200, body: 'backend', via: undefined });
    expect(backend.requests.at(-1)!.headers['x-order']).toBeUndefined();
  });

/** Holds while the patch is there, and not before and after. */
async function patched(modifications: readonly object[], effect: () => Promise<void>): Promise<void> {
  const spec = { targetRef: { kind: 'Dataplane', name: 'web' }, default: { appendModifications: modifications } };
  await mesh.controlPlane.apply(JSON.stringify({ type: 'MeshProxyPatch', mesh: 'default', name: 'test', spec }));
  await eventually('the effect', effect);
  await mesh.controlPlane.kumactl(['delete', 'meshproxypatch', 'test']);
  await works();
}

const yaml = (value: object) => JSON.stringify(value);
const packed = (type: string, more: object = {}) => ({
  '@type': `type.googleapis.com/envoy.extensions.filters.${type}`,
  ...more,
});

const manager = 'envoy.filters.network.http_connection_manager';
const router = 'envoy.filters.http.router';
const managerType = 'network.http_connection_manager.v3.HttpConnectionManager';

function script(name: string, value = name): string {
  const inlineString = addsToOrder(value);
  return yaml({ name, typedConfig: packed('http.lua.v3.Lua', { defaultSourceCode: { inlineString } }) });
}

function addsToOrder(value: string): string {
  return `function envoy_on_request(handle) handle:headers():add("x-order", "${value}") end`;
}

/** What scripts added, in their order. */
async function seesOrder(values: string): Promise<void> {
  expect((await ask(port)).status).toBe(200);
  expect(backend.requests.at(-1)!.headers['x-order']).toBe(values);
}

/** A network filter that refuses all connections. */
const refusing = yaml({
  name: 'refusing',
  typedConfig: packed('network.rbac.v3.RBAC', { statPrefix: 'refusing', rules: { action: 'ALLOW' } }),
});

async function isRefused(): Promise<void> {
  await expect(ask(port)).rejects.toThrow(/socket hang up|ECONNRESET/);
}

const extraEndpoints = () => ({
  loadAssignment: {
    clusterName: 'extra',
    endpoints: [{ lbEndpoints: [{ endpoint: { address: { socketAddress: { address: '127.0.0.1', portValue: extra.port } } } }] }],
  },
});

/** Requests to another host at the port of backend, which lead to another cluster. */
const addedHost = {
  virtualHost: {
    operation: 'Add',
    match: { origin: 'outbound', routeConfigurationName: 'outbound:backend' },
    value: yaml({
      name: 'extra',
      domains: ['extra.example'],
      routes: [{ match: { prefix: '/' }, route: { cluster: 'extra' } }],
    }),
  },
};
const addedCluster = { cluster: { operation: 'Add', value: 'name: extra\ntype: STATIC\nconnectTimeout: 5s' } };

async function askExtra() {
  return ask(port, { headers: { host: 'extra.example' } });
}

test.each(['merged into', 'changed step by step'])('a cluster is added and %s, and a virtual host leads to it', async (how) => {
  const { loadAssignment } = extraEndpoints();
  const steps = { jsonPatches: [{ op: 'add', path: '/loadAssignment', value: loadAssignment }] };
  const change = how === 'merged into' ? { value: yaml({ loadAssignment }) } : steps;
  const match = { name: 'extra', origin: 'mesh-proxy-patch' };
  await patched([addedCluster, { cluster: { operation: 'Patch', match, ...change } }, addedHost], async () =>
    expect(await askExtra()).toMatchObject({ status: 200, body: 'extra' }),
  );
});

test('a cluster is removed', () =>
  patched([{ cluster: { operation: 'Remove', match: { name: 'backend', origin: 'outbound' } } }], async () =>
    expect((await ask(port)).status).toBe(503),
  ));

test.each([
  ['by its name', () => ({ name: listener })],
  ['by its tags', () => ({ origin: 'outbound', tags: { 'kuma.io/service': 'backend' } })],
])('a listener is merged into, changed step by step and removed, selected %s', async (_, match) => {
  const [one, other] = (await freePorts(2)) as [number, number];
  const at = (portValue: number) => ({ address: { socketAddress: { address: '127.0.0.1', portValue } } });
  const change = (more: object) => ({ listener: { match: match(), ...more } });
  await patched(
    [
      change({ operation: 'Patch', value: yaml({ additionalAddresses: [at(one)] }) }),
      change({ operation: 'Patch', jsonPatches: [{ op: 'add', path: '/additionalAddresses/-', value: at(other) }] }),
    ],
    async () => {
      for (const each of [port, one, other]) expect((await ask(each)).body).toBe('backend');
    },
  );
  await patched([change({ operation: 'Remove' })], () => expect(ask(port)).rejects.toThrow('ECONNREFUSED'));
});

test.each<[string, () => readonly object[]]>([
  ['AddFirst', () => [filter({ operation: 'AddFirst', value: refusing })]],
  ['AddBefore', () => [filter({ operation: 'AddBefore', match: { name: manager, listenerName: listener }, value: refusing })]],
  [
    'AddAfter',
    () => [
      filter({ operation: 'AddFirst', value: refusing.replace('"refusing"', '"first"').replace('"rules"', '"shadowRules"') }),
      filter({ operation: 'AddAfter', match: { name: 'first' }, value: refusing }),
    ],
  ],
])('a network filter refuses connections after %s', (_, modifications) => patched(modifications(), isRefused));

function filter({ match = {}, ...more }: { readonly operation: string; readonly match?: object; readonly value?: string }) {
  return { networkFilter: { match: { origin: 'outbound', listenerTags: { 'kuma.io/service': 'backend' }, ...match }, ...more } };
}

test('a network filter is removed, and another one is added last in its place', () => {
  const typedConfig = packed('network.direct_response.v3.Config', { response: { inlineString: 'not HTTP' } });
  return patched(
    [
      filter({ operation: 'Remove', match: { name: manager } }),
      filter({ operation: 'AddLast', value: yaml({ name: 'direct', typedConfig }) }),
    ],
    async () => expect(await text(connect(port, '127.0.0.1'))).toBe('not HTTP'),
  );
});

test.each([
  ['merged into', { value: yaml({ name: manager, typedConfig: packed(managerType, { via: 'patched' }) }) }],
  ['changed step by step', { jsonPatches: [{ op: 'add', path: '/via', value: 'patched' }] }],
])('a network filter is %s', (_, change) => {
  const match = { name: manager, listenerName: listener };
  return patched([{ networkFilter: { operation: 'Patch', match, ...change } }], async () =>
    expect((await ask(port)).headers.via).toBe('patched'),
  );
});

const httpFilter = (operation: string, name: string | undefined, more: object) => ({
  httpFilter: { operation, match: { origin: 'outbound', ...(name && { name }) }, ...more },
});

test('HTTP filters stand where they are added', () => {
  const routing = yaml({ name: router, typedConfig: packed('http.router.v3.Router') });
  return patched(
    [
      httpFilter('AddFirst', undefined, { value: script('second') }),
      httpFilter('AddFirst', undefined, { value: script('first') }),
      httpFilter('AddBefore', router, { value: script('fourth') }),
      httpFilter('AddAfter', 'second', { value: script('third') }),
      httpFilter('Remove', router, {}),
      httpFilter('AddLast', undefined, { value: script('fifth') }),
      httpFilter('AddLast', undefined, { value: routing }),
      httpFilter('AddAfter', 'nobody', { value: script('never') }),
    ],
    () => seesOrder('first, second, third, fourth, fifth'),
  );
});

test('HTTP filters are merged into, changed step by step and removed', () => {
  const inlineString = addsToOrder('changed');
  return patched(
    [
      httpFilter('AddFirst', undefined, { value: script('a', 'before') }),
      httpFilter('AddAfter', 'a', { value: script('b', 'before') }),
      httpFilter('AddAfter', 'b', { value: script('c') }),
      httpFilter('Patch', 'a', { value: script('a', 'merged') }),
      httpFilter('Patch', 'b', {
        jsonPatches: [{ op: 'replace', path: '/defaultSourceCode/inlineString', value: inlineString }],
      }),
      httpFilter('Remove', 'c', {}),
    ],
    () => seesOrder('merged, changed'),
  );
});

test('virtual hosts are merged into, changed step by step and removed', async () => {
  const header = (key: string) => ({ responseHeadersToAdd: [{ header: { key, value: 'patched' } }] });
  const host = (operation: string, name: string, more: object) => ({
    virtualHost: { operation, match: { name, routeConfigurationName: 'outbound:backend' }, ...more },
  });
  const added = [
    addedCluster,
    { cluster: { operation: 'Patch', match: { name: 'extra' }, value: yaml(extraEndpoints()) } },
    addedHost,
    host('Patch', 'extra', { value: yaml(header('x-merged')) }),
    host('Patch', 'extra', {
      jsonPatches: [{ op: 'add', path: '/responseHeadersToAdd/-', value: { header: { key: 'x-step', value: 'patched' } } }],
    }),
  ];
  await patched(added, async () => {
    const { status, headers } = await askExtra();
    expect({ status, ...headers }).toMatchObject({ status: 200, 'x-merged': 'patched', 'x-step': 'patched' });
    expect((await ask(port)).headers).not.toHaveProperty('x-merged');
  });
  await patched([...added, host('Remove', 'extra', {})], async () => {
    expect(await askExtra()).toMatchObject({ body: 'backend' });
    expect((await ask(port)).status).toBe(200);
  });
  await patched([{ virtualHost: { operation: 'Remove', match: { origin: 'outbound' } } }], async () =>
    expect((await ask(port)).status).toBe(404),
  );
});

test('a virtual host has the name of its service', () =>
  patched(
    [
      {
        virtualHost: {
          operation: 'Patch',
          match: { name: 'backend' },
          jsonPatches: [{ op: 'replace', path: '/routes', value: [{ match: { prefix: '/' }, directResponse: { status: 418 } }] }],
        },
      },
    ],
    async () => expect((await ask(port)).status).toBe(418),
  ));
