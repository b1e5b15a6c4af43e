import type { MeshProxyPatch, MeshProxyPatch_Modification } from '@kuma-mesh/core-model/generated/types/kuma/mesh_proxy_patch.ts';
import { describe, expect, it, test } from 'vitest';
import { patchProblems } from './patch-problems.ts';

const tlsType = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';

function problems(modification: MeshProxyPatch_Modification): string[] {
  const spec: MeshProxyPatch = { default: { appendModifications: [modification] } };
  const at = 'spec.default.appendModifications[0].';
  return [...patchProblems(spec)].flat().map(({ field, reason }) => `${field.replace(at, '')} ${reason}`);
}

function cluster(value: unknown, operation: 'Add' | 'Patch' = 'Patch') {
  return problems({ cluster: { operation, value: typeof value === 'string' ? value : JSON.stringify(value) } });
}

describe('a value', () => {
  it.each<[string, unknown]>([
    ['in YAML', 'name: a\nconnectTimeout: 5s\ntype: STATIC'],
    [
      'in YAML that merges one part into another',
      'metadata: {filterMetadata: {a: &a {b: c}, d: {<<: *a}}}\ncircuitBreakers: {thresholds: [&t {maxRequests: 1}, {<<: *t, priority: HIGH}]}',
    ],
    ['in either spelling', { connect_timeout: '5s', perConnectionBufferLimitBytes: 1024 }],
    ['with null for what is not set', { connectTimeout: null }],
    ['with a packed message', { transportSocket: { name: 'tls', typedConfig: { '@type': tlsType, sni: 'a' } } }],
    [
      'of a type that is newer than this control plane',
      {
        transportSocket: {
          name: 'new',
          typedConfig: {
            '@type': 'type.googleapis.com/xds.type.v3.TypedStruct',
            typeUrl: 'type.googleapis.com/New',
            value: { a: 1 },
          },
        },
      },
    ],
  ])('%s is taken', (_, value) => {
    expect(cluster(value)).toEqual([]);
  });

  it('has all its problems told, each with its place', () => {
    const found = cluster({
      connectTimeot: '5s',
      connectTimeout: '5 seconds',
      type: 'FIXED',
      clusterType: { name: 'x' },
      perConnectionBufferLimitBytes: -1,
      healthChecks: { timeout: '1s' },
      loadAssignment: { endpoints: [{ lbEndpoints: [{ endpoint: { adress: {} } }] }] },
      typedExtensionProtocolOptions: {
        x: { '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOption' },
      },
      transportSocket: { typedConfig: { '@type': tlsType, sni: 5, alpn: [] } },
      metadata: { filterMetadata: { a: 'b' } },
    });
    expect(found).toEqual([
      'cluster.value connectTimeot: unknown field; did you mean connectTimeout?',
      'cluster.value connectTimeout: cannot be read: "5 seconds"',
      'cluster.value type: must be one of STATIC, STRICT_DNS, LOGICAL_DNS, EDS, ORIGINAL_DST; got "FIXED"',
      'cluster.value clusterType: must be absent where type is set',
      expect.stringMatching(/^cluster.value perConnectionBufferLimitBytes: cannot be read: .*-1 out of range/),
      'cluster.value healthChecks: must be a list, not an object',
      'cluster.value loadAssignment.endpoints[0].lbEndpoints[0].endpoint.adress: unknown field; did you mean address?',
      expect.stringMatching(/typedExtensionProtocolOptions.x\["@type"\]: unknown type .* did you mean .*HttpProtocolOptions\?/),
      expect.stringMatching(/transportSocket.typedConfig.sni: cannot be read/),
      expect.stringMatching(/transportSocket.typedConfig.alpn: unknown field/),
      expect.stringMatching(/metadata.filterMetadata.a: cannot be read/),
    ]);
  });

  it('has values that are out of range told beside what is no message', () => {
    const value = { connectTimeout: '-1s', lbPolicy: 'FASTEST', healthChecks: [{ timeout: '0s', x: 1 }, {}], nonsense: 1 };
    expect(cluster(value, 'Add')).toEqual([
      expect.stringMatching(/lbPolicy: must be one of/),
      expect.stringMatching(/healthChecks\[0\].x: unknown field/),
      expect.stringMatching(/nonsense: unknown field/),
      'cluster.value connectTimeout: must be more than 0s; got -1s',
      'cluster.value healthChecks[0].timeout: must be more than 0s; got 0s',
    ]);
  });

  it.each<[string, string, string]>([
    ['no YAML', 'a: b: c', 'Nested mappings'],
    ['a list', '[]', 'must be an object'],
    ['text', 'name', 'must be an object'],
    [
      'with a number that JSON has not',
      'metadata: {filterMetadata: {a: {b: .nan}}}',
      'filterMetadata.a: google.protobuf.Value cannot',
    ],
    ['without bottom', `${'{a: '.repeat(70)}1${'}'.repeat(70)}`, 'nested deeper than 64'],
    [
      'deeper than Envoy reads',
      `metadata: { filterMetadata: { a: ${'{a: '.repeat(40)}1${'}'.repeat(40)} } }`,
      'must not be nested deeper than the 100 messages',
    ],
  ])('that is %s is refused', (_, value, reason) => {
    expect(cluster(value)).toEqual([expect.stringContaining(reason)]);
  });

  it('that holds a packed message that nests deeper than anybody reads is refused', () => {
    const deep = `{ "@type": type.googleapis.com/xds.type.v3.TypedStruct, value: ${'{ a: '.repeat(55)}1${' }'.repeat(56)}`;
    const refused = expect.stringContaining('must not be nested deeper than the 100 messages');
    const filter = { operation: 'AddFirst', value: `name: a\ntypedConfig: ${deep}` } as const;
    const host = { operation: 'Patch', value: `typedPerFilterConfig: { a: ${deep} }` } as const;
    expect(problems({ httpFilter: filter })).toEqual([refused]);
    expect(problems({ virtualHost: host })).toEqual([refused]);
  });

  it('that is a part has nothing in it that Envoy states to be out of range, and may lack what it requires', () => {
    expect(cluster({ connectTimeout: '5s', loadAssignment: { endpoints: [{ priority: 3 }] } })).toEqual([]);
    expect(
      cluster({
        connectTimeout: '-1s',
        perConnectionBufferLimitBytes: 0,
        outlierDetection: { maxEjectionPercent: 101 },
        loadAssignment: { endpoints: [{ priority: 129 }] },
        healthChecks: [{ timeout: '0s' }],
      }),
    ).toEqual([
      'cluster.value connectTimeout: must be more than 0s; got -1s',
      'cluster.value loadAssignment.endpoints[0].priority: must be at most 128; got 129',
      'cluster.value healthChecks[0].timeout: must be more than 0s; got 0s',
      'cluster.value outlierDetection.maxEjectionPercent: must be at most 100; got 101',
    ]);
    const match = { orMatch: { rules: [{ anyMatch: true }] } };
    expect(
      problems({ listener: { operation: 'Patch', value: JSON.stringify({ listenerFilters: [{ filterDisabled: match }] }) } }),
    ).toEqual([]);
  });

  it('is looked into where it is the packed configuration of a filter or a transport socket, for what it states', () => {
    const manager = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
    const filter = (more: object) => JSON.stringify({ name: 'a', typedConfig: { '@type': manager, ...more } });
    const added = (more: object) => problems({ networkFilter: { operation: 'AddFirst', value: filter(more) } });
    expect(added({ maxRequestHeadersKb: 8192 })).toEqual([]);
    expect(
      added({ maxRequestHeadersKb: 8193, httpFilters: [{ typedConfig: { '@type': manager, serverName: 'x'.repeat(3) } }] }),
    ).toEqual(['networkFilter.value typedConfig.maxRequestHeadersKb: must be at most 8192; got 8193']);
    const match = { name: 'a' };
    expect(problems({ networkFilter: { operation: 'Patch', match, value: filter({ maxRequestHeadersKb: 0 }) } })).toEqual([
      'networkFilter.value typedConfig.maxRequestHeadersKb: must be more than 0; got 0',
    ]);
    const sni = 'x'.repeat(256);
    expect(cluster({ transportSocket: { name: 'tls', typedConfig: { '@type': tlsType, sni } } })).toEqual([
      'cluster.value transportSocket.typedConfig.sni: must have at most 255 bytes',
    ]);
  });

  it.each([[{}], [{ name: '' }], [{ name: null }]])('that is a whole listener has a name: %j', (named) => {
    const added = (name: object) =>
      problems({ listener: { operation: 'Add', value: JSON.stringify({ statPrefix: 'a', ...name }) } });
    expect(added(named)).toEqual(['listener.value name: must be set: what has no name cannot be taken away again']);
    expect(added({ name: 'a' })).toEqual([]);
  });

  it('that is whole keeps all that Envoy states of it', () => {
    expect(cluster({ connectTimeout: '0s' }, 'Add')).toEqual([
      'cluster.value name: must have at least 1 characters',
      'cluster.value connectTimeout: must be more than 0s; got 0s',
    ]);
    const host = { name: 'a', domains: [], routes: [{ match: {}, route: { cluster: 'b', retryPolicy: {} } }] };
    expect(problems({ virtualHost: { operation: 'Add', value: JSON.stringify(host) } })).toEqual([
      'virtualHost.value domains: must have at least 1 items',
      expect.stringMatching(/^virtualHost.value routes\[0\].match: one of prefix, path, .* must be set/),
    ]);
  });
});

describe('steps', () => {
  const steps = (...jsonPatches: NonNullable<MeshProxyPatch_Modification['cluster']>['jsonPatches'] & object) =>
    problems({ cluster: { operation: 'Patch', jsonPatches } });

  test('may lead anywhere in a message, and into what only the message tells', () => {
    expect(
      steps(
        { op: 'replace', path: '/connectTimeout', value: '77s' },
        { op: 'add', path: '/transportSocket/typedConfig/commonTlsContext/tlsParams', value: { any: 'thing' } },
        { op: 'add', path: '/loadAssignment/endpoints/-', value: { priority: 1 } },
        { op: 'add', path: '/typedExtensionProtocolOptions/x', value: { '@type': tlsType } },
        { op: 'add', path: '/metadata/filterMetadata/x/y', value: 1 },
        { op: 'remove', path: '/healthChecks/-1' },
        { op: 'move', path: '/edsClusterConfig', from: '/loadAssignment' },
      ),
    ).toEqual([]);
  });

  test('have their problems told', () => {
    expect(
      steps(
        { op: 'replace', path: '/connectTimeot', value: '77s' },
        { op: 'replace', path: '/connect_timeout', value: '78s' },
        { op: 'replace', path: '/connectTimeout', value: 77 },
        { op: 'add', path: '/loadAssignment/endpoints/first', value: {} },
        { op: 'add', path: '/loadAssignment/endpoints/0', value: { priorities: 1 } },
        { op: 'copy', path: '/altStatName', from: '/nam' },
        { op: 'remove', path: '/name/first' },
        { op: 'replace', path: '/connectTimeout', value: '-1s' },
        { op: 'add', path: '/healthChecks/-', value: { interval: '0s' } },
        { op: 'remove', path: `/metadata/filterMetadata${'/a'.repeat(500)}` },
        // No pointer: told by who checks the policy's own fields, and no value of the whole message.
        { op: 'replace', path: 'connectTimeout', value: '1s' },
      ),
    ).toEqual([
      'cluster.jsonPatches[0].path connectTimeot: unknown field; did you mean connectTimeout?',
      expect.stringMatching(/^cluster.jsonPatches\[2\].value cannot be read/),
      'cluster.jsonPatches[3].path endpoints is a list: first must be a number or -',
      'cluster.jsonPatches[4].value priorities: unknown field; did you mean priority?',
      'cluster.jsonPatches[5].from nam: unknown field; did you mean name?',
      'cluster.jsonPatches[6].path name has nothing in it: first',
      'cluster.jsonPatches[7].value must be more than 0s; got -1s',
      'cluster.jsonPatches[8].value interval: must be more than 0s; got 0s',
      'cluster.jsonPatches[9].path must not lead through more than 500 places',
    ]);
  });
});
