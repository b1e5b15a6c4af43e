import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from '../testing/certificates.ts';
import { envoy, refusal } from '../testing/envoy.ts';
import type { BootstrapParams } from './bootstrap-params.ts';
import { encodeBootstrap } from './encode-bootstrap.ts';

const params: BootstrapParams = {
  mesh: 'default',
  name: 'backend-1',
  service: 'backend',
  features: ['feature-tcp-accesslog-via-named-pipe'],
  controlPlane: { host: 'localhost', port: 5678, ca: root },
  token: { kind: 'inline', token: 'the.token' },
  admin: { kind: 'socket', path: '/run/kuma/kuma-envoy-admin.sock', port: 9901 },
  workdir: '/run/kuma',
  delta: false,
  healthDiscovery: false,
  metadata: {
    dataplane: '{"type":"Dataplane"}',
    readinessPort: 9902,
    dnsPort: 15053,
    version: { kumaDp: { version: '0.1.0' }, envoy: { version: '1.40.0', kumaDpCompatible: true } },
    ipv6Enabled: false,
    more: { otel: 'yes' },
  },
};

const variants: Record<string, BootstrapParams> = {
  'over the state of the world': params,
  'over deltas': { ...params, delta: true, features: [...params.features, 'feature-unified-resource-naming'] },
  'with a token file and HDS': { ...params, token: { kind: 'file', path: '/etc/hostname' }, healthDiscovery: true },
  'without a token, at an IP address': {
    ...params,
    token: { kind: 'none' },
    controlPlane: { ...params.controlPlane, host: '::1' },
    admin: { kind: 'tcp', address: '127.0.0.1', port: 9901 },
    healthDiscovery: true,
    maxHeapSizeBytes: 100_000_000,
  },
  'in a very long folder': { ...params, name: 'n'.repeat(120), workdir: `/tmp/${'f'.repeat(40)}` },
};

const encoded = (variant: BootstrapParams) => parse(encodeBootstrap(variant).yaml);

describe('encodeBootstrap', () => {
  it.skipIf(!envoy.path).each(Object.keys(variants))(
    `gives what Envoy accepts, %s${envoy.path ? '' : ` (${envoy.missing})`}`,
    async (variant) => {
      expect(await refusal(encodeBootstrap(variants[variant]!).yaml)).toBeUndefined();
    },
  );

  it('has each sidecar take its own logs, and each control plane called at the address that was', () => {
    const clustersOf = (variant: BootstrapParams) => {
      const { clusters } = encoded(variant).staticResources;
      return clusters.map((each: { loadAssignment: { endpoints: [{ lbEndpoints: [{ endpoint: { address: object } }] }] } }) =>
        Object.values(each.loadAssignment.endpoints[0].lbEndpoints[0].endpoint.address),
      );
    };
    const pipe = (path: string) => [expect.objectContaining({ path })];
    const at = (address: string) => [expect.objectContaining({ address })];
    expect(clustersOf(params)).toEqual([at('localhost'), pipe('/run/kuma/kuma-al-backend-1-default.sock')]);
    expect(clustersOf({ ...params, name: 'two', workdir: '/a $& b' })).toEqual([
      at('localhost'),
      pipe('/a $& b/kuma-al-two-default.sock'),
    ]);
    const other = { ...params, controlPlane: { ...params.controlPlane, host: '10.0.0.1' } };
    expect(clustersOf(other)).toEqual([at('10.0.0.1'), pipe('/run/kuma/kuma-al-backend-1-default.sock')]);
  });

  it('says who the proxy is, numbers as text', () => {
    expect(encoded(params).node).toEqual({
      id: 'default.backend-1',
      cluster: 'backend',
      metadata: {
        otel: 'yes',
        'dataplane.admin.port': '9901',
        'dataplane.admin.socketPath': '/run/kuma/kuma-envoy-admin.sock',
        'dataplane.readinessReporter.port': '9902',
        'dataplane.dns.port': '15053',
        'dataplane.proxyType': 'dataplane',
        'dataplane.resource': '{"type":"Dataplane"}',
        features: ['feature-tcp-accesslog-via-named-pipe'],
        ipv6Enabled: false,
        version: { kumaDp: { version: '0.1.0' }, envoy: { version: '1.40.0', kumaDpCompatible: true } },
        workdir: '/run/kuma',
      },
    });
  });

  it('keeps the admin socket to the proxy’s own user', () => {
    expect(encoded(params).admin.address.pipe).toEqual({ path: '/run/kuma/kuma-envoy-admin.sock', mode: 0o600 });
  });

  it('accepts only a control plane that shows the host that was called', () => {
    const { validationContext } = encoded(params).staticResources.secrets[0];
    expect(validationContext.matchTypedSubjectAltNames).toEqual([
      { sanType: 'DNS', matcher: { exact: 'localhost' } },
      { sanType: 'IP_ADDRESS', matcher: { exact: 'localhost' } },
    ]);
  });

  it('sends the token with every stream, without a scheme', () => {
    const { adsConfig } = encoded(params).dynamicResources;
    expect(adsConfig.grpcServices[0].initialMetadata).toEqual([{ key: 'authorization', value: 'the.token' }]);
  });

  it('names the file and not the token where the token may be replaced', () => {
    const { adsConfig } = encoded(variants['with a token file and HDS']!).dynamicResources;
    const { googleGrpc } = adsConfig.grpcServices[0];
    expect(googleGrpc.callCredentials[0].fromPlugin.typedConfig.secretData).toEqual({ filename: '/etc/hostname' });
  });

  it('asks for deltas, under unified names, when it is told to', () => {
    const { dynamicResources, staticResources } = encoded(variants['over deltas']!);
    expect(dynamicResources.adsConfig.apiType).toBe('DELTA_GRPC');
    expect(dynamicResources.adsConfig.grpcServices[0].envoyGrpc.clusterName).toBe('system_ads');
    expect(staticResources.clusters.map(({ name }: { name: string }) => name)).toEqual(['system_ads', 'system_access_log_sink']);
  });
});
