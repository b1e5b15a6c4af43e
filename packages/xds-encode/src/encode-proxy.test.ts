import type { EndpointsIr, ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import { describe, expect, it } from 'vitest';
import { ir as inbound } from '../cases/inbound-permissive-tcp/ir.ts';
import { ir as outbound } from '../cases/outbound-http/ir.ts';
import {
  type EncodedResource,
  encodeProxy,
  encodeSecret,
  moreTypeUrls,
  originsOfResource,
  resourceToJson,
  typeUrls,
  withSecrets,
} from './index.ts';
import { certificateOf, root } from './testing/certificates.ts';

const empty: ProxyIr = {
  mesh: 'default',
  name: 'x',
  listeners: [],
  routes: [],
  clusters: [],
  endpoints: [],
  secrets: [],
};

describe('encodeProxy', () => {
  it('gives proxies that share an object of the IR the same resource', () => {
    const one = encodeProxy(outbound).get(typeUrls.cluster)!.get('backend');
    const other = encodeProxy({ ...outbound, name: 'web-2', clusters: [...outbound.clusters] })
      .get(typeUrls.cluster)!
      .get('backend');
    expect(other).toBe(one);
  });

  it('gives equal content the same version, whatever the order of its tags', () => {
    expect(versionOf({ b: '2', a: '1' })).toBe(versionOf({ a: '1', b: '2' }));
    expect(versionOf({ a: '1' })).not.toBe(versionOf({ a: '2' }));
  });

  it('leaves the listener as it is when permissions of its connections change', () => {
    const before = encodeProxy(inbound);
    const after = encodeProxy(withFirstRuleOnly(inbound));
    const only = (proxy: typeof before, typeUrl: string) => [...proxy.get(typeUrl)!.values()].map(({ version }) => version);
    expect(only(after, typeUrls.listener)).toEqual(only(before, typeUrls.listener));
    expect(only(after, moreTypeUrls.extension)).not.toEqual(only(before, moreTypeUrls.extension));
    expect(only(after, moreTypeUrls.runtime)).not.toEqual(only(before, moreTypeUrls.runtime));
  });

  it('always has a runtime: Envoy waits for it before all else', () => {
    expect([...encodeProxy(empty).get(moreTypeUrls.runtime)!.keys()]).toEqual(['kuma_permissions']);
  });
});

describe('what cannot be encoded', () => {
  const huge = 2 ** 32;
  const broken: ProxyIr = {
    ...outbound,
    clusters: outbound.clusters.map((cluster) =>
      cluster.name === 'backend' ? { ...cluster, limits: { connections: huge } } : cluster,
    ),
  };
  const clustersOf = (ir: ProxyIr) => encodeProxy(ir).get(typeUrls.cluster)!;

  it('says why, has no bytes, and leaves the rest as it is', () => {
    const { backend, ...rest } = Object.fromEntries(clustersOf(broken));
    expect(backend).toMatchObject({ typeUrl: typeUrls.cluster, name: 'backend', bytes: new Uint8Array() });
    expect(backend!.unencodable).toContain(String(huge));
    const { backend: encodable, ...others } = Object.fromEntries(clustersOf(outbound));
    expect(rest).toEqual(others);
    expect(backend!.version).not.toBe(encodable!.version);
    for (const [typeUrl, resources] of encodeProxy(outbound))
      if (typeUrl !== typeUrls.cluster) expect(encodeProxy(broken).get(typeUrl)).toEqual(resources);
  });

  it('is changed by no patch, and replaced by one that adds what has its name', () => {
    const patched = (cluster: Readonly<Record<string, string>>) => {
      const patches = [{ origin: { kri: 'kri_mpp_default___test_' }, index: 0, modification: { cluster } }];
      return clustersOf({ ...broken, patches }).get('backend')!;
    };
    const changed = patched({ operation: 'Patch', value: 'connectTimeout: 3s' });
    expect(changed.unencodable).toBeDefined();
    expect(changed.patched).toBeUndefined();
    const replaced = patched({ operation: 'Add', value: '{ name: backend, connectTimeout: 3s }' });
    expect(replaced.unencodable).toBeUndefined();
    expect(replaced.patched?.without).toBeUndefined();
  });
});

describe('originsOfResource', () => {
  const krisOf = (resource: EncodedResource, proxy: ProxyIr) => originsOfResource(resource, proxy).map(({ kri }) => kri);

  it('names the policies that shaped it, of this proxy', () => {
    const cluster = encodeProxy(outbound).get(typeUrls.cluster)!.get('backend')!;
    expect(krisOf(cluster, outbound)).toEqual([
      'kri_mt_default_default__mesh-timeout-all-default_',
      'kri_mcb_default_default__mesh-circuit-breaker-all-default_',
    ]);
    expect(krisOf(cluster, { ...outbound, origins: [] })).toEqual([]);
  });

  it('names the permissions that it consists of', () => {
    const [extension] = [...encodeProxy(inbound).get(moreTypeUrls.extension)!.values()];
    expect(krisOf(extension!, inbound)).toEqual(Array(3).fill('kri_mtp_default_default__redis_'));
  });
});

describe('resourceToJson', () => {
  const { cert, key } = certificateOf('backend');
  const identity = encodeSecret('id', { kind: 'identity', certificateChain: cert, privateKey: key });

  it('shows certificates and hides keys', () => {
    const text = JSON.stringify(resourceToJson(identity));
    expect(text).toContain('BEGIN CERTIFICATE');
    expect(text).not.toContain('PRIVATE KEY');
  });

  it('hides keys inside listeners', () => {
    const listener = {
      kind: 'admin',
      name: 'admin',
      address: { address: '127.0.0.1', port: 1 },
      cluster: 'admin',
      clientCa: root,
      server: { certificate: cert, key },
    } as const;
    const resource = encodeProxy({ ...empty, listeners: [listener] })
      .get(typeUrls.listener)!
      .get('admin')!;
    expect(Buffer.from(resource.bytes).toString('latin1')).toContain('PRIVATE KEY');
    expect(JSON.stringify(resourceToJson(resource))).not.toContain('PRIVATE KEY');
  });

  it('shows every resource of a proxy', () => {
    const proxy = withSecrets(encodeProxy(inbound), [identity]);
    const resources = [...proxy.values()].flatMap((byName): EncodedResource[] => [...byName.values()]);
    expect(resources.map(resourceToJson)).not.toContain(undefined);
  });
});

function versionOf(tags: Readonly<Record<string, string>>): string {
  const endpoints: EndpointsIr = {
    name: 'e',
    localities: [{ zone: 'z', priority: 0, endpoints: [{ address: '10.0.0.1', port: 80, tags, labels: tags }] }],
  };
  return encodeProxy({ ...empty, endpoints: [endpoints] })
    .get(typeUrls.endpoints)!
    .get('e')!.version;
}

function withFirstRuleOnly(ir: ProxyIr): ProxyIr {
  return JSON.parse(JSON.stringify(ir), (key, value) => (key === 'rules' ? value.slice(0, 1) : value));
}
