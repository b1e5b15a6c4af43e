import type { PatchIr, ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import { describe, expect, it } from 'vitest';
import { ir as faults } from '../../cases/fault-injection/ir.ts';
import { ir as inbound } from '../../cases/inbound-strict-http/ir.ts';
import { ir as outbound } from '../../cases/outbound-http/ir.ts';
import { encodeProxy, resourceToJson, typeUrls } from '../index.ts';

const kri = 'kri_mpp_default___test_';

function withModifications(ir: ProxyIr, ...modifications: PatchIr['modification'][]) {
  const patches = modifications.map((modification, index): PatchIr => ({ origin: { kri }, index, modification }));
  return encodeProxy({ ...ir, patches });
}

function reasons(proxy: ReturnType<typeof encodeProxy>, typeUrl: string): string[] {
  return [...proxy.get(typeUrl)!.values()].flatMap(({ name, patched }) =>
    (patched?.unapplied ?? []).map(({ index, reason }) => `${name} ${index} ${reason}`),
  );
}

describe('a patched configuration', () => {
  const removeBackend = { cluster: { operation: 'Remove', match: { name: 'backend' } } };

  it('shares what no patch is about with proxies that have none', () => {
    const plain = encodeProxy(outbound);
    const patched = withModifications(outbound, removeBackend);
    expect([...patched.get(typeUrls.cluster)!.keys()]).toEqual(
      [...plain.get(typeUrls.cluster)!.keys()].filter((name) => name !== 'backend'),
    );
    for (const [name, resource] of patched.get(typeUrls.cluster)!) expect(resource).toBe(plain.get(typeUrls.cluster)!.get(name));
    for (const typeUrl of [typeUrls.listener, typeUrls.route, typeUrls.endpoints])
      expect(patched.get(typeUrl)).toBe(plain.get(typeUrl));
  });

  it('is made once for proxies with the same patches', () => {
    const patches: PatchIr[] = [
      { origin: { kri }, index: 0, modification: { cluster: { operation: 'Patch', value: 'connectTimeout: 3s' } } },
      { origin: { kri }, index: 1, modification: { cluster: { operation: 'Add', value: 'name: extra' } } },
    ];
    const [one, other] = [outbound, { ...outbound, name: 'other', clusters: [...outbound.clusters] }].map(
      (ir) => encodeProxy({ ...ir, patches }).get(typeUrls.cluster)!,
    );
    expect(one!.size).toBe(outbound.clusters.length + 1);
    for (const [name, resource] of one!) expect(other!.get(name)).toBe(resource);
  });

  it('holds what it would be without patches, also where one is in place of what had its name', () => {
    const plain = encodeProxy(outbound).get(typeUrls.cluster)!.get('backend')!;
    const changed = withModifications(outbound, { cluster: { operation: 'Patch', value: 'connectTimeout: 3s' } });
    const replaced = withModifications(
      outbound,
      { cluster: { operation: 'Add', value: 'name: backend' } },
      { cluster: { operation: 'Add', value: 'name: extra' } },
    );
    for (const proxy of [changed, replaced]) {
      expect(proxy.get(typeUrls.cluster)!.get('backend')!.patched!.without).toBe(plain);
    }
    expect(replaced.get(typeUrls.cluster)!.get('extra')!.patched!.without).toBeUndefined();
  });

  it('names the patches, and nobody else, as what shaped it', () => {
    const proxy = withModifications(outbound, { cluster: { operation: 'Patch', value: 'connectTimeout: 3s' } });
    expect(proxy.get(typeUrls.cluster)!.get('backend')!.origins).toEqual([{ kri }]);
  });

  it('has what is added in place of what has its name, and what is removed later not at all', () => {
    const add = (name: string, connectTimeout: string) => ({
      cluster: { operation: 'Add', value: JSON.stringify({ name, connectTimeout }) },
    });
    const proxy = withModifications(outbound, add('backend', '1s'), add('twice', '1s'), add('gone', '1s'), add('twice', '2s'), {
      cluster: { operation: 'Remove', match: { name: 'gone', origin: 'mesh-proxy-patch' } },
    });
    const clusters = proxy.get(typeUrls.cluster)!;
    expect(resourceToJson(clusters.get('backend')!)).toEqual({ name: 'backend', connectTimeout: '1s' });
    expect(resourceToJson(clusters.get('twice')!)).toEqual({ name: 'twice', connectTimeout: '2s' });
    expect(clusters.has('gone')).toBe(false);
  });

  describe('has filters that do one thing together as one', () => {
    const value = JSON.stringify({ name: 'added', disabled: true });
    const rbac = 'envoy.filters.http.rbac';
    const fault = 'envoy.filters.http.fault';

    it.each([
      ['permission', rbac, [`${rbac}.denials`, rbac]],
      ['faults', fault, [fault, `${fault}.2`, `${fault}.3`]],
    ])('%s', (_, name, together) => {
      const left = (operation: string, match: { name: string }) => {
        const proxy = withModifications(faults, { httpFilter: { operation, match, ...(operation !== 'Remove' && { value }) } });
        const listener = JSON.stringify(resourceToJson(proxy.get(typeUrls.listener)!.get(faults.listeners[0]!.name)!));
        const found = [...listener.matchAll(/"name":"([^"]*)"/g)].map(([, each]) => each!);
        return found.filter((each) => each === 'added' || each.startsWith(name));
      };
      expect(left('AddBefore', { name })).toEqual(['added', ...together]);
      expect(left('AddAfter', { name })).toEqual([...together, 'added']);
      expect(left('Remove', { name })).toEqual([]);
      const [first = '', ...others] = together.filter((each) => each !== name);
      expect(left('Remove', { name: first })).toEqual([name, ...others].sort());
      expect(left('AddBefore', { name: first })).toEqual(together.flatMap((each) => (each === first ? ['added', each] : [each])));
    });
  });

  it('has thousands of filters added without reading over all of them for each', () => {
    const type = 'type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation';
    const add = (_: unknown, index: number) => ({
      httpFilter: { operation: 'AddFirst', value: JSON.stringify({ name: `added-${index}`, typed_config: { '@type': type } }) },
    });
    const proxy = withModifications(inbound, ...Array.from({ length: 3000 }, add));
    const text = JSON.stringify([...proxy.get(typeUrls.listener)!.values()].map(resourceToJson));
    expect(text.match(/"added-\d+","typedConfig"/g)).toHaveLength(3000);
  });

  it('has later changes find what earlier ones brought, however these spell it', () => {
    const thresholds = JSON.stringify({ circuit_breakers: { thresholds: [{ max_connections: 1, retry_budget: {} }] } });
    const proxy = withModifications(
      outbound,
      { cluster: { operation: 'Patch', match: { name: 'backend' }, value: thresholds } },
      {
        cluster: {
          operation: 'Patch',
          match: { name: 'backend' },
          jsonPatches: [
            { op: 'replace', path: '/circuitBreakers/thresholds/1/maxConnections', value: 2 },
            { op: 'add', path: '/circuit_breakers/per_host_thresholds', value: [{ max_connections: 3 }] },
            { op: 'add', path: '/circuitBreakers/perHostThresholds/0/maxRequests', value: 4 },
          ],
        },
      },
      { cluster: { operation: 'Patch', match: { name: 'backend' }, value: 'circuitBreakers: { perHostThresholds: [{}] }' } },
    );
    expect(reasons(proxy, typeUrls.cluster)).toEqual([]);
    expect(resourceToJson(proxy.get(typeUrls.cluster)!.get('backend')!)).toMatchObject({
      circuitBreakers: {
        thresholds: expect.arrayContaining([{ maxConnections: 2, retryBudget: {} }]),
        perHostThresholds: [{ maxConnections: 3, maxRequests: 4 }, {}],
      },
    });
  });

  it('has virtual hosts and filters removed', () => {
    const proxy = withModifications(
      inbound,
      { virtualHost: { operation: 'Remove', match: { routeConfigurationName: 'inbound:backend' } } },
      { networkFilter: { operation: 'Remove', match: { origin: 'inbound' } } },
      { listener: { operation: 'Remove', match: { tags: { 'kuma.io/service': 'other' } } } },
    );
    expect(resourceToJson(proxy.get(typeUrls.route)!.get('inbound:backend')!)).not.toHaveProperty('virtualHosts');
    for (const listener of proxy.get(typeUrls.listener)!.values())
      expect(resourceToJson(listener)).toMatchObject({ filterChains: [{}] });
    expect(JSON.stringify([...proxy.get(typeUrls.listener)!.values()].map(resourceToJson))).not.toContain('"filters"');
  });
});

describe('a modification that cannot be applied', () => {
  it('is left out and reported, and the others are applied', () => {
    const proxy = withModifications(
      outbound,
      { cluster: { operation: 'Patch', match: { name: 'backend' }, value: 'connectTimeout: 3s' } },
      {
        cluster: {
          operation: 'Patch',
          match: { name: 'backend' },
          jsonPatches: [
            { op: 'replace', path: '/connectTimeout', value: '4s' },
            { op: 'copy', from: '/transportSocket/typedConfig/none', path: '/altStatName' },
          ],
        },
      },
      { cluster: { operation: 'Patch', match: { name: 'backend' }, jsonPatches: [{ op: 'add', path: '/type', value: 'NONE' }] } },
      { cluster: { operation: 'Patch', match: { name: 'backend' }, value: 'altStatName: b' } },
    );
    const backend = proxy.get(typeUrls.cluster)!.get('backend')!;
    expect(resourceToJson(backend)).toMatchObject({ connectTimeout: '3s', altStatName: 'b' });
    expect(reasons(proxy, typeUrls.cluster)).toEqual([
      'backend 1 jsonPatches[1]: there is nothing at /transportSocket/typedConfig/none',
      expect.stringMatching(/^backend 2 .*"NONE"/),
    ]);
  });

  it('is the only one that is left out of many', () => {
    const patch = (path: string, value: string | number | boolean): PatchIr['modification'] => ({
      cluster: { operation: 'Patch', match: { name: 'backend' }, jsonPatches: [{ op: 'add', path, value }] },
    });
    const good = (index: number) => patch(`/metadata/filterMetadata/many/of-${index}`, true);
    const bad = new Map<number, PatchIr['modification']>([
      [0, patch('/type', 'NONE')],
      [17, patch('/connectTimeout', 'soon')],
      [18, patch('/unknown', 1)],
      [39, patch('/maglevLbConfig/tableSize', -1)],
    ]);
    const proxy = withModifications(outbound, ...Array.from({ length: 40 }, (_, index) => bad.get(index) ?? good(index)));
    const backend = resourceToJson(proxy.get(typeUrls.cluster)!.get('backend')!);
    const left = Array.from({ length: 40 }, (_, index) => index).filter((index) => !bad.has(index));
    expect(backend).toMatchObject({
      metadata: { filterMetadata: { many: Object.fromEntries(left.map((index) => [`of-${index}`, true])) } },
    });
    expect(reasons(proxy, typeUrls.cluster)).toEqual(
      [...bad.keys()].map((index) => expect.stringContaining(`backend ${index} `)),
    );
  });

  it.each<[string, (deep: string) => PatchIr['modification'], string]>([
    ['a cluster', (deep) => ({ cluster: { operation: 'Patch', value: deep } }), typeUrls.cluster],
    ['a new cluster', (deep) => ({ cluster: { operation: 'Add', value: `name: extra\n${deep}` } }), typeUrls.cluster],
    ['a listener', (deep) => ({ listener: { operation: 'Patch', value: deep } }), typeUrls.listener],
    ['a host', (deep) => ({ virtualHost: { operation: 'Add', value: `name: deep\n${deep}` } }), typeUrls.route],
  ])('is one that nests messages of %s deeper than anybody reads', (_, modification, typeUrl) => {
    const deep = `metadata: { filterMetadata: { a: ${'{ a: '.repeat(40)}1${' }'.repeat(40)} } }`;
    const route = { virtualHost: { operation: 'Add', value: 'name: other' } };
    const other = { listener: { operation: 'Patch', value: 'statPrefix: a' } };
    const more = { cluster: { operation: 'Patch', value: 'altStatName: b' } };
    const proxy = withModifications(outbound, modification(deep), route, other, more);
    const said = reasons(proxy, typeUrl);
    expect(said.length).toBeGreaterThan(0);
    for (const reason of said) expect(reason).toMatch(/ 0 must not be nested deeper/);
    const without = withModifications(outbound, route, other, more);
    const versions = (of: typeof proxy) => [...of.values()].map((byName) => [...byName.values()].map(({ version }) => version));
    expect(versions(proxy)).toEqual(versions(without));
  });

  it('leaves the resource as it is where it was the only one', () => {
    const typedConfig = { '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua' };
    const match = { name: 'envoy.filters.http.router' };
    const proxy = withModifications(outbound, {
      httpFilter: { operation: 'Patch', match, value: JSON.stringify({ name: match.name, typedConfig }) },
    });
    const plain = encodeProxy(outbound).get(typeUrls.listener)!;
    for (const [name, { version, origins }] of proxy.get(typeUrls.listener)!)
      expect({ version, origins }).toEqual({ version: plain.get(name)!.version, origins: plain.get(name)!.origins });
    expect(reasons(proxy, typeUrls.listener)).toEqual([expect.stringMatching(/ 0 the filter .* is of type .*Router, .*Lua$/)]);
  });

  it('is one that takes a resource its name, by which others know it', () => {
    const proxy = withModifications(
      outbound,
      { cluster: { operation: 'Patch', match: { name: 'backend' }, value: 'name: other\nconnectTimeout: 3s' } },
      { cluster: { operation: 'Patch', match: { name: 'backend' }, jsonPatches: [{ op: 'remove', path: '/name' }] } },
      { cluster: { operation: 'Patch', match: { name: 'backend' }, value: 'name: backend\naltStatName: b' } },
      { listener: { operation: 'Patch', value: 'name: other' } },
    );
    const plain = encodeProxy(outbound);
    expect(resourceToJson(proxy.get(typeUrls.cluster)!.get('backend')!)).toEqual({
      ...(resourceToJson(plain.get(typeUrls.cluster)!.get('backend')!) as object),
      altStatName: 'b',
    });
    expect([...proxy.get(typeUrls.listener)!.keys()]).toEqual([...plain.get(typeUrls.listener)!.keys()]);
    expect(reasons(proxy, typeUrls.cluster)).toEqual(
      [0, 1].map((i) => `backend ${i} the name cannot be changed; it must stay backend`),
    );
  });

  it('is one after which Envoy would stop half way with a cluster', () => {
    const ring = JSON.stringify({ name: 'ring', lbPolicy: 'RING_HASH', ringHashLbConfig: { maximumRingSize: 10 } });
    const proxy = withModifications(
      outbound,
      { cluster: { operation: 'Patch', match: { name: 'backend' }, value: 'lbPolicy: MAGLEV\nmaglevLbConfig: {tableSize: 4}' } },
      { cluster: { operation: 'Add', value: ring } },
    );
    const plain = encodeProxy(outbound).get(typeUrls.cluster)!;
    const clusters = proxy.get(typeUrls.cluster)!;
    expect([...clusters.keys()]).toEqual([...plain.keys()]);
    expect(clusters.get('backend')!.version).toBe(plain.get('backend')!.version);
    expect(
      reasons(proxy, typeUrls.cluster)
        .map((reason) => reason.replace(/^\S+ /, ''))
        .sort(),
    ).toEqual([
      '0 the size of a Maglev table must be a prime number; got 4',
      '1 a ring cannot have at least 1024 and at most 10 entries',
    ]);
  });

  it('leaves what it was to be in place of, and is reported there', () => {
    const listener = 'outbound:127.0.0.1:20080';
    const configDiscovery = { configSource: { ads: {} }, typeUrls: ['type.googleapis.com/a.B'] };
    const waiting = { name: listener, filterChains: [{ filters: [{ name: 'absent', configDiscovery }] }] };
    const proxy = withModifications(
      outbound,
      { cluster: { operation: 'Add', value: 'name: backend\nlbPolicy: MAGLEV\nmaglevLbConfig: {tableSize: 4}' } },
      { cluster: { operation: 'Patch', match: { name: 'backend' }, value: 'altStatName: b' } },
      { listener: { operation: 'Add', value: JSON.stringify(waiting) } },
    );
    const patched = withModifications(outbound, {
      cluster: { operation: 'Patch', match: { name: 'backend' }, value: 'altStatName: b' },
    });
    for (const typeUrl of [typeUrls.cluster, typeUrls.listener]) {
      const versions = (of: typeof proxy) => [...of.get(typeUrl)!.values()].map(({ name, version }) => [name, version]);
      expect(versions(proxy)).toEqual(versions(patched));
    }
    expect(reasons(proxy, typeUrls.cluster)).toEqual(['backend 0 the size of a Maglev table must be a prime number; got 4']);
    expect(reasons(proxy, typeUrls.listener)).toEqual([
      `${listener} 2 nothing is sent for the configuration of the filter absent`,
    ]);
  });

  it('is one over which a listener would wait for ever for what nobody sends', () => {
    const manager = 'envoy.filters.network.http_connection_manager';
    const overAds = { ads: {}, resourceApiVersion: 'V3' };
    const filter = (name: string) =>
      JSON.stringify({ name, configDiscovery: { configSource: overAds, typeUrls: ['type.googleapis.com/a.B'] } });
    const routes = (name: string) => ({
      networkFilter: {
        operation: 'Patch',
        match: { name: manager },
        jsonPatches: [{ op: 'replace', path: '/rds/routeConfigName', value: name }],
      },
    });
    const patches: PatchIr['modification'][] = [
      routes('outbound:backend'),
      routes('none'),
      { listener: { operation: 'Patch', value: 'perConnectionBufferLimitBytes: 9' } },
      { httpFilter: { operation: 'AddFirst', value: filter('absent') } },
      {
        listener: {
          operation: 'Add',
          value: JSON.stringify({ name: 'new', filterChains: [{ filters: [JSON.parse(filter('no'))] }] }),
        },
      },
    ];
    const proxy = withModifications(outbound, ...patches);
    const changed = withModifications(outbound, patches[2]!);
    const versions = (of: typeof proxy) => [...of.get(typeUrls.listener)!.values()].map(({ name, version }) => [name, version]);
    expect(versions(proxy)).toEqual(versions(changed));
    expect(reasons(proxy, typeUrls.listener).map((reason) => reason.replace(/^\S+ /, ''))).toEqual([
      '1 nothing is sent for the route configuration none',
      '3 nothing is sent for the configuration of the filter absent',
      '4 nothing is sent for the configuration of the filter no',
    ]);
  });

  it('is one that has a listener wait for parts of routes', () => {
    const over = { ads: {} };
    const scopedRoutes = { name: 'scopes', scoped_rds: { scopedRdsConfigSource: over }, rdsConfigSource: over };
    const type = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
    const manager = (stated: object) => ({
      networkFilter: {
        operation: 'Patch',
        match: { name: 'envoy.filters.network.http_connection_manager' },
        value: JSON.stringify({ typedConfig: { '@type': type, ...stated } }),
      },
    });
    const proxy = withModifications(
      outbound,
      { cluster: { operation: 'Add', value: 'name: scopes' } },
      manager({ scopedRoutes }),
      manager({ routeConfig: { vhds: { configSource: over } } }),
    );
    const plain = encodeProxy(outbound).get(typeUrls.listener)!;
    for (const { name, version } of proxy.get(typeUrls.listener)!.values()) expect(version).toBe(plain.get(name)!.version);
    expect(proxy.get(typeUrls.cluster)!.has('scopes')).toBe(true);
    const told = reasons(proxy, typeUrls.listener).map((reason) => reason.replace(/^\S+ /, ''));
    expect(new Set(told)).toEqual(
      new Set([
        '1 nothing is sent for the scoped routes scopes',
        '2 nothing is sent for the virtual hosts of the route configuration',
      ]),
    );
  });

  it('is one that has a listener wait by a copied name, or in a struct', () => {
    const stated = { stat_prefix: 'x', rds: { route_config_name: 'none', config_source: { ads: {} } } };
    const typedConfig = {
      '@type': 'type.googleapis.com/xds.type.v3.TypedStruct',
      typeUrl: 'type.googleapis.com/a.B',
      value: stated,
    };
    const proxy = withModifications(
      outbound,
      { listener: { operation: 'Patch', value: 'perConnectionBufferLimitBytes: 9' } },
      {
        networkFilter: {
          operation: 'Patch',
          match: { name: 'envoy.filters.network.http_connection_manager' },
          jsonPatches: [{ op: 'copy', from: '/statPrefix', path: '/rds/routeConfigName' }],
        },
      },
      {
        listener: {
          operation: 'Add',
          value: JSON.stringify({ name: 'new', filterChains: [{ filters: [{ name: 'struct', typedConfig }] }] }),
        },
      },
    );
    expect(reasons(proxy, typeUrls.listener).map((reason) => reason.replace(/^\S+ /, ''))).toEqual([
      expect.stringMatching(/^1 nothing is sent for the route configuration/),
      '2 nothing is sent for the route configuration none',
    ]);
  });

  it('is reported also where an earlier control plane accepted what this one does not know', () => {
    const proxy = withModifications(
      outbound,
      { cluster: { operation: 'Add', value: 'name: x\nfromTheFuture: true' } },
      { cluster: { operation: 'Patch', match: { name: 'backend' }, value: 'a: b: c' } },
    );
    expect(proxy.get(typeUrls.cluster)!.has('x')).toBe(false);
    expect(reasons(proxy, typeUrls.cluster).sort()).toEqual([
      expect.stringMatching(/ 0 .*fromTheFuture/),
      expect.stringMatching(/^backend 1 .*YAML|Nested/i),
    ]);
  });
});
