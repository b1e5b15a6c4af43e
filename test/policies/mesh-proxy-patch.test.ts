import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { freePorts } from '../../tools/fixtures/ports.ts';
import { ask, type HttpService, startHttpService } from '../../tools/fixtures/services.ts';
import type { Sidecar } from '../../tools/fixtures/sidecar.ts';

let mesh: Mesh;
let backend: HttpService;
let web: Sidecar;
let port: number;

beforeAll(async () => {
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  backend = await startHttpService('backend');
  await mesh.join({ name: 'backend', inbound: [{ service: 'backend', servicePort: backend.port }] });
  const joined = await mesh.join({ name: 'web', calls: ['backend'] });
  web = joined.sidecar;
  port = joined.outbound('backend');
  await eventually('a first answer', async () => expect((await ask(port)).status).toBe(200));
});

afterAll(async () => {
  await mesh?.stop();
  await backend?.close();
});

function patch(...appendModifications: object[]): Promise<string> {
  const targetRef = { kind: 'MeshService', name: 'web' };
  return apply('MeshProxyPatch', 'test', { targetRef, default: { appendModifications } });
}

function apply(type: string, name: string, spec: object): Promise<string> {
  return mesh.controlPlane.apply(JSON.stringify({ type, mesh: 'default', name, spec }));
}

/** A filter on requests to backend that sets a header in Lua. */
function script(text: string) {
  const value = {
    name: 'envoy.filters.http.lua',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
      defaultSourceCode: { inlineString: text },
    },
  };
  const match = { name: 'envoy.filters.http.router', origin: 'outbound', listenerTags: { 'kuma.io/service': 'backend' } };
  return { httpFilter: { operation: 'AddBefore', match, value: JSON.stringify(value) } };
}

function settingHeader(value: string) {
  return script(`function envoy_on_request(handle) handle:headers():add("x-script", "${value}") end`);
}

async function headersSeen() {
  expect((await ask(port)).status).toBe(200);
  return backend.requests.at(-1)!.headers;
}

/** What `inspect dataplanes` and the policy itself say. */
async function reports(): Promise<{ readonly inspected: string; readonly policy: string }> {
  const [inspected, policy] = await Promise.all([
    mesh.controlPlane.kumactl(['inspect', 'dataplanes']),
    mesh.controlPlane.kumactl(['get', 'meshproxypatch', 'test', '-o', 'json']),
  ]);
  return { inspected, policy };
}

test('every part of a configuration can be changed', async () => {
  const [extra] = await freePorts(1);
  const answering = {
    statPrefix: 'extra',
    routeConfig: {
      virtualHosts: [
        {
          name: 'all',
          domains: ['*'],
          routes: [{ match: { prefix: '/' }, directResponse: { status: 418, body: { inlineString: 'extra' } } }],
        },
      ],
    },
    httpFilters: [
      {
        name: 'envoy.filters.http.router',
        typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
      },
    ],
  };
  const manager = 'envoy.filters.network.http_connection_manager';
  const typedConfig = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    ...answering,
  };
  await patch(
    settingHeader('one'),
    {
      listener: {
        operation: 'Add',
        value: JSON.stringify({
          name: 'extra',
          address: { socketAddress: { address: '127.0.0.1', portValue: extra } },
          filterChains: [{ filters: [{ name: manager, typedConfig }] }],
        }),
      },
    },
    {
      networkFilter: {
        operation: 'Patch',
        match: { name: manager, origin: 'outbound' },
        jsonPatches: [{ op: 'add', path: '/via', value: 'patched' }],
      },
    },
    {
      virtualHost: {
        operation: 'Patch',
        match: { origin: 'outbound', routeConfigurationName: 'outbound:backend' },
        value: 'responseHeadersToAdd: [{header: {key: x-host, value: patched}}]',
      },
    },
  );
  await eventually('all of it', async () => {
    expect((await headersSeen())['x-script']).toBe('one');
    expect((await ask(port)).headers).toMatchObject({ via: 'patched', 'x-host': 'patched' });
    expect(await ask(extra!)).toMatchObject({ status: 418, body: 'extra' });
  });
  const shown = await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'web', '--type=config']);
  expect(shown).toContain('extensions.filters.http.lua.v3.Lua');
  const live = ['inspect', 'dataplane', 'web', '--type=config-dump'];
  expect(await mesh.controlPlane.kumactl(live)).not.toContain('EndpointsConfigDump');
  expect(await mesh.controlPlane.kumactl([...live, '--include-eds'])).toContain('EndpointsConfigDump');
});

test('a cluster can be changed, and is as it was when the policy is gone', async () => {
  const circuitBreakers = { thresholds: [{ maxRequests: 0 }] };
  await patch({
    cluster: {
      operation: 'Patch',
      match: { name: 'backend', origin: 'outbound' },
      jsonPatches: [{ op: 'replace', path: '/circuitBreakers', value: circuitBreakers }],
    },
  });
  await eventually('requests being too many', async () => {
    const answer = await ask(port);
    expect(answer).toMatchObject({ status: 503 });
    expect(answer.headers['x-envoy-overloaded']).toBe('true');
  });
  await mesh.controlPlane.kumactl(['delete', 'meshproxypatch', 'test']);
  await eventually('an answer without a patch', async () => expect((await headersSeen())['x-script']).toBeUndefined());
});

test('a cluster with a very long name does not bring the proxy to a halt', async () => {
  const name = 'x'.repeat(5000);
  await patch(settingHeader('beside'), {
    cluster: { operation: 'Add', value: `name: ${name}\ntype: STATIC\nconnectTimeout: 5s` },
  });
  await eventually('both', async () => {
    const dump = await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'web', '--type=config-dump', '-o', 'json']);
    expect(dump).toContain(name);
    expect((await headersSeen())['x-script']).toBe('beside');
  });
});

test('a patch that is no message of Envoy is refused with the places of all its problems', async () => {
  const written = patch(
    { cluster: { operation: 'Add', value: 'name: x\nconnectTimeot: 5s\nlbPolicy: FASTEST' } },
    { listener: { operation: 'Patch', jsonPatches: [{ op: 'add', path: '/nonsense', value: 1 }] } },
  );
  await expect(written).rejects.toThrow(
    /appendModifications\[0\].cluster.value.*connectTimeot[\s\S]*lbPolicy[\s\S]*appendModifications\[1\].listener.jsonPatches\[0\].path/,
  );
});

test('a patch that Envoy rejects is reported in its words, the proxy keeps what it had, and the rest arrives', async () => {
  await patch(settingHeader('good'));
  const beside = (value: string) =>
    apply('MeshProxyPatch', 'beside', {
      targetRef: { kind: 'MeshService', name: 'web' },
      default: {
        appendModifications: [script(`function envoy_on_request(handle) handle:headers():add("x-beside", "${value}") end`)],
      },
    });
  await beside('there');
  await eventually('the good patches', async () =>
    expect(await headersSeen()).toMatchObject({ 'x-script': 'good', 'x-beside': 'there' }),
  );

  await patch(script('function envoy_on_request(handle) this is not Lua end'));
  const reportOfOne = async () => {
    const { inspected, policy } = await reports();
    for (const text of [inspected, policy]) {
      expect(text).toContain('web');
      expect(text).toMatch(/script load error/);
    }
    expect(inspected).toContain('kri_mpp_default_default__test_');
    expect(inspected).not.toContain('beside');
    expect(await mesh.controlPlane.kumactl(['get', 'meshproxypatch', 'beside', '-o', 'json'])).not.toContain('rejected');
  };
  await eventually('the report', reportOfOne);
  await beside('changed');
  await eventually('a change of the other patch, beside what the bad one said before', async () =>
    expect(await headersSeen()).toMatchObject({ 'x-script': 'good', 'x-beside': 'changed' }),
  );
  await eventually('the report', reportOfOne);
  await mesh.controlPlane.kumactl(['delete', 'meshproxypatch', 'beside']);
  expect((await headersSeen())['x-script']).toBe('good');
  await eventually('the other patch being gone', async () => {
    const { 'x-script': kept, 'x-beside': gone } = await headersSeen();
    expect({ kept, gone }).toEqual({ kept: 'good', gone: undefined });
  });

  await apply('MeshHTTPRoute', 'route', {
    targetRef: { kind: 'MeshService', name: 'web' },
    to: [
      {
        targetRef: { kind: 'MeshService', name: 'backend' },
        rules: [
          {
            matches: [{ path: { type: 'PathPrefix', value: '/' } }],
            default: {
              filters: [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'x-route', value: 'new' }] } }],
            },
          },
        ],
      },
    ],
  });
  await eventually('a change of routes', async () => expect((await ask(port)).headers['x-route']).toBe('new'));
  await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'allow-all']);
  await eventually('a change at the other end', async () => expect((await ask(port)).status).toBe(403));
  await mesh.controlPlane.apply(allowAll());
  await eventually('the permission being back', async () => expect((await headersSeen())['x-script']).toBe('good'));

  await patch(settingHeader('better'));
  await eventually('the patch being right again', async () => {
    expect((await headersSeen())['x-script']).toBe('better');
    const { inspected, policy } = await reports();
    expect(inspected + policy).not.toMatch(/script load error/);
  });
});

test('what others change arrives beside the patch that was good, and no connection fails for want of it', async () => {
  const meshWithoutMtls = JSON.stringify({ type: 'Mesh', name: 'default' });
  const patched = (text: string) => {
    const { httpFilter } = script(text);
    const inbound = { httpFilter: { ...httpFilter, match: { name: httpFilter.match.name, origin: 'inbound' } } };
    return apply('MeshProxyPatch', 'test', { default: { appendModifications: [inbound] } });
  };
  await patched('function envoy_on_request(handle) handle:headers():add("x-script", "taken") end');
  await eventually('the good patch', async () => expect((await headersSeen())['x-script']).toBe('taken'));
  await patched('function envoy_on_request(handle) this is not Lua end');
  await eventually('the report', async () => expect((await reports()).policy).toMatch(/"backend\\" rejected/));

  await mesh.controlPlane.apply(meshWithoutMtls);
  await eventually('plain text, and the patch that was good', async () => {
    const { 'x-forwarded-client-cert': certificate, 'x-script': taken } = await headersSeen();
    expect({ certificate, taken }).toEqual({ certificate: undefined, taken: 'taken' });
    expect((await reports()).policy).toMatch(/"backend\\" rejected/);
  });
  await mesh.controlPlane.apply(meshWithMtls());
  await eventually('TLS again', async () => {
    const { 'x-forwarded-client-cert': certificate, 'x-script': taken } = await headersSeen();
    expect({ certificate: certificate !== undefined, taken }).toEqual({ certificate: true, taken: 'taken' });
  });
  await mesh.controlPlane.kumactl(['delete', 'meshproxypatch', 'test']);
  await eventually('no patch', async () => expect((await headersSeen())['x-script']).toBeUndefined());
});

test('a control plane that starts with a bad patch in place takes no proxy down, reports it again, and goes on', async () => {
  await patch(settingHeader('before'));
  await eventually('the good patch', async () => expect((await headersSeen())['x-script']).toBe('before'));
  await patch(script('nonsense ('));
  await eventually('the report', async () => expect((await reports()).policy).toMatch(/script load error/));

  mesh.controlPlane.process.kill('SIGKILL');
  mesh.controlPlane = await mesh.controlPlane.startAgain();
  await apply('MeshTimeout', 'later', {
    to: [{ targetRef: { kind: 'MeshService', name: 'backend' }, default: { http: { requestTimeout: '9s' } } }],
  });
  await eventually('the report of this control plane, and a change beside the patch', async () => {
    const { inspected, policy } = await reports();
    for (const text of [inspected, policy]) expect(text).toMatch(/web.*rejected.*outbound:127.*: script load error/);
    expect(await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'web', '--type=config-dump', '-o', 'json'])).toMatch(
      /"timeout": *"9s"/,
    );
  });
  // Connections to the other end may still be of the listener that the test before this one left behind.
  await eventually('the good patch alone', async () => expect((await headersSeen())['x-script']).toBe('before'));
});

test.each([
  [
    'typedExtensionProtocolOptions: {nonsense: {"@type": type.googleapis.com/envoy.config.cluster.v3.Filter, name: x}}',
    'nonsense',
  ],
  ['healthChecks: [{}]', 'value is required'],
])('a cluster that Envoy rejects leaves the other clusters alone, and is reported for as long: %s', async (value, words) => {
  await patch(settingHeader(words), { cluster: { operation: 'Patch', match: { name: 'backend' }, value } });
  const expectReports = async () => {
    const { inspected, policy } = await reports();
    for (const text of [inspected, policy]) expect(text).toMatch(new RegExp(`backend[\\s\\S]*${words}`));
  };
  await eventually('the report', expectReports);
  await eventually('the rest of the patch', async () => expect((await headersSeen())['x-script']).toBe(words));
  // A change that reaches the proxy after all that the rejection brought with it.
  await apply('MeshTimeout', 'later', {
    to: [{ targetRef: { kind: 'MeshService', name: 'backend' }, default: { http: { requestTimeout: `${words.length}s` } } }],
  });
  await eventually('a later change', async () =>
    expect(await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'web', '--type=config-dump', '-o', 'json'])).toContain(
      `"${words.length}s"`,
    ),
  );
  await expectReports();
});

test.each([
  ['cluster', { cluster: { operation: 'Patch', match: { name: 'backend' }, value: 'lbPolicy: CLUSTER_PROVIDED' } }],
  ['listener', script('function envoy_on_request(handle) this is not Lua end')],
  [
    'routes',
    {
      virtualHost: {
        operation: 'Add',
        match: { routeConfigurationName: 'outbound:backend' },
        value: 'name: second\ndomains: ["*"]\nroutes: [{match: {prefix: /}, route: {cluster: backend}}]',
      },
    },
  ],
])(
  'a proxy that starts under a patch that Envoy rejects has the %s without it, and changes of other policies',
  async (part, bad) => {
    await patch(bad);
    await eventually('the report', async () => expect((await reports()).policy).toContain('rejected'));
    web = await mesh.restart(web);
    await eventually('answers', async () => expect((await ask(port)).status).toBe(200));
    await eventually('the report of the new proxy', async () => {
      const { inspected, policy } = await reports();
      for (const text of [inspected, policy]) expect(text).toMatch(/web.*rejected.*backend|web.*rejected.*outbound:/);
    });

    const seconds = `${20 + part.length}s`;
    await apply('MeshTimeout', 'later', {
      to: [
        {
          targetRef: { kind: 'MeshService', name: 'backend' },
          default: { connectionTimeout: seconds, http: { requestTimeout: seconds } },
        },
      ],
    });
    await eventually('a change beside the patch', async () => {
      const dump = await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'web', '--type=config-dump', '-o', 'json']);
      expect(dump).toMatch(new RegExp(`"connect_timeout": *"${seconds}"`));
      expect(dump).toMatch(new RegExp(`"timeout": *"${seconds}"`));
    });
    expect((await ask(port)).status).toBe(200);

    await patch(settingHeader(part));
    await eventually('the mended patch', async () => {
      expect((await headersSeen())['x-script']).toBe(part);
      expect((await reports()).policy).not.toContain('rejected');
    });
  },
);

test('a proxy that starts has the patches of all policies but of the one that Envoy rejects, which alone is named', async () => {
  const policy = (name: string, modification: object) =>
    apply('MeshProxyPatch', name, {
      targetRef: { kind: 'MeshService', name: 'web' },
      default: { appendModifications: [modification] },
    });
  const adding = (header: string) => script(`function envoy_on_request(handle) handle:headers():add("${header}", "there") end`);
  await policy('a-good', adding('x-first'));
  await patch(script('function envoy_on_request(handle) this is not Lua end'));
  await policy('z-good', adding('x-last'));
  web = await mesh.restart(web);
  await eventually('the good patches', async () =>
    expect(await headersSeen()).toMatchObject({ 'x-first': 'there', 'x-last': 'there' }),
  );
  await eventually('the report', async () => {
    const { inspected, policy } = await reports();
    for (const text of [inspected, policy]) expect(text).toMatch(/script load error/);
    expect(inspected).toMatch(/kri_mpp_default_default__test_/);
    expect(inspected).not.toContain('-good');
  });
  for (const name of ['a-good', 'z-good', 'test']) await mesh.controlPlane.kumactl(['delete', 'meshproxypatch', name]);
  await eventually('no patch', async () => expect((await headersSeen())['x-last']).toBeUndefined());
});

test.each([
  [
    'changed',
    { operation: 'Patch', match: { name: 'backend' }, jsonPatches: [{ op: 'copy', from: '/altStatName', path: '/name' }] },
  ],
  ['replaced', { operation: 'Add', value: 'name: backend\nlbPolicy: MAGLEV\nmaglevLbConfig: {tableSize: 4}' }],
])(
  'a patch that cannot be applied is reported, what was to be %s stays, and the other modifications hold',
  async (how, cluster) => {
    await patch(settingHeader(how), { cluster });
    await eventually('both', async () => {
      const { inspected, policy } = await reports();
      for (const text of [inspected, policy]) expect(text).toMatch(/backend.*appendModifications\[1\] could not be applied/);
      expect((await headersSeen())['x-script']).toBe(how);
    });
  },
);

test('a proxy starts under a patch that makes its listeners wait for what nobody sends, and the patch is reported', async () => {
  const value = {
    name: 'absent',
    configDiscovery: {
      configSource: { ads: {}, resourceApiVersion: 'V3' },
      typeUrls: ['type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua'],
    },
  };
  await patch(settingHeader('beside'), {
    httpFilter: { operation: 'AddFirst', match: { origin: 'outbound' }, value: JSON.stringify(value) },
  });
  web = await mesh.restart(web);
  await eventually('the report, and the other modification', async () => {
    const { inspected, policy } = await reports();
    for (const text of [inspected, policy]) expect(text).toMatch(/appendModifications\[1\] could not be applied.*absent/);
    expect((await headersSeen())['x-script']).toBe('beside');
  });
});

test('instances that start under routes that Envoy rejects answer no request before they have those without the patch', async () => {
  const second = {
    operation: 'Add',
    match: { routeConfigurationName: 'inbound:backend' },
    value: 'name: second\ndomains: ["*"]\nroutes: [{match: {prefix: /}, directResponse: {status: 418}}]',
  };
  await apply('MeshProxyPatch', 'test', { default: { appendModifications: [{ virtualHost: second }] } });
  await eventually('the report', async () => expect((await reports()).policy).toMatch(/backend.*rejected/));
  const statuses = new Set<number>();
  let over = false;
  // No more than may be tried again at a time: an instance that starts takes no connections at first.
  const callers = Array.from({ length: 2 }, async () => {
    while (!over) statuses.add((await ask(port)).status);
  });
  for (const name of ['one', 'two', 'three']) {
    await mesh.join({ name, inbound: [{ service: 'backend', servicePort: backend.port }] });
    await eventually('its own report', async () => expect((await reports()).policy).toMatch(new RegExp(`${name}.*rejected`)));
  }
  over = true;
  await Promise.all(callers);
  expect(statuses).toEqual(new Set([200]));
});
