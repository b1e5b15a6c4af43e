import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCaProvisioner } from '../identity/builtin-ca.ts';
import { SigningPool } from '../identity/signing-pool.ts';
import { createResourceWriter } from '../resources/resource-writer.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import type { ResourceStore } from '../store/store.ts';
import { ensureClusterId } from './cluster-id.ts';
import { type DefaultsOptions, ensureDefaults } from './ensure-defaults.ts';

let pool: SigningPool;
beforeAll(() => {
  pool = new SigningPool();
});
afterAll(() => pool.close());

async function start(store: ResourceStore, more: Partial<DefaultsOptions> = {}) {
  const writer = createResourceWriter({
    store,
    identity: { zone: 'default', mode: 'zone' },
    ca: createCaProvisioner(store, pool),
    serviceProbes: true,
  });
  const options = { zone: 'default', skipMesh: false, skipHostnameGenerators: false, adminToken: true, signing: pool };
  await ensureDefaults(store, writer, { ...options, ...more });
}
async function names(store: ResourceStore) {
  return (await store.snapshot()).resources.map(({ type, mesh, name }) => [type, mesh, name].filter(Boolean).join(' ')).sort();
}
async function text(store: ResourceStore, name: string) {
  const { data } = (await store.get({ type: 'GlobalSecret', mesh: '', name }))!.spec as { data: string };
  return Buffer.from(data, 'base64').toString();
}

describe('a first start', () => {
  it('leaves a mesh, a zone, host names and the secrets of the control plane', async () => {
    const store = createMemoryStore();
    await start(store);
    expect(await names(store)).toEqual([
      'GlobalSecret admin-user-token',
      'GlobalSecret envoy-admin-ca',
      'GlobalSecret inter-cp-ca',
      'GlobalSecret user-token-signing-key-1',
      'GlobalSecret zone-token-signing-key-1',
      'HostnameGenerator local-mesh-external-service',
      'HostnameGenerator local-universal-mesh-service',
      'Mesh default',
      'MeshCircuitBreaker default mesh-circuit-breaker-all-default',
      'MeshRetry default mesh-retry-all-default',
      'MeshTimeout default mesh-gateways-timeout-all-default',
      'MeshTimeout default mesh-timeout-all-default',
      'Secret default dataplane-token-signing-key-default-1',
      'Zone default',
    ]);
    const generator = await store.get({ type: 'HostnameGenerator', mesh: '', name: 'local-universal-mesh-service' });
    expect(generator).toMatchObject({
      labels: { 'kuma.io/origin': 'zone' },
      spec: { template: '{{ .DisplayName }}.svc.mesh.local' },
    });
  });

  it('signs the admin token with the stored key, for ten years', async () => {
    const store = createMemoryStore();
    await start(store);
    const key = await text(store, 'user-token-signing-key-1');
    expect(key).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
    const { payload, protectedHeader } = await jwtVerify(await text(store, 'admin-user-token'), createPublicKey(key));
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: '1' });
    expect(payload).toMatchObject({ Name: 'mesh-system:admin', Groups: ['mesh-system:admin'] });
    expect(payload.exp! - payload.iat!).toBe(10 * 365 * 24 * 3600 + 5);
  });

  it.each(['envoy-admin-ca', 'inter-cp-ca'])('makes %s an authority whose key is joined to its certificate', async (name) => {
    const store = createMemoryStore();
    await start(store);
    const pem = await text(store, name);
    const certificate = new X509Certificate(pem);
    const key = createPrivateKey(/-----BEGIN RSA PRIVATE KEY-----[\s\S]*$/.exec(pem)![0]);
    expect([certificate.ca, certificate.checkPrivateKey(key), certificate.subject]).toEqual([
      true,
      true,
      expect.stringContaining(name),
    ]);
  });

  it('leaves out what the settings say', async () => {
    const store = createMemoryStore();
    await start(store, { skipMesh: true, skipHostnameGenerators: true, adminToken: false, zone: '' });
    expect(await names(store)).toEqual([
      'GlobalSecret envoy-admin-ca',
      'GlobalSecret inter-cp-ca',
      'GlobalSecret user-token-signing-key-1',
      'GlobalSecret zone-token-signing-key-1',
    ]);
  });
});

describe('a later start', () => {
  it('changes nothing', async () => {
    const store = createMemoryStore();
    await start(store);
    const { revision } = await store.snapshot();
    await start(store);
    expect((await store.snapshot()).revision).toBe(revision);
  });

  it('makes no signing key when the first was replaced by another', async () => {
    const store = createMemoryStore();
    await start(store);
    const first = (await store.get({ type: 'GlobalSecret', mesh: '', name: 'zone-token-signing-key-1' }))!;
    await store.write([
      { op: 'create', draft: { ...first, name: 'zone-token-signing-key-2' } },
      { op: 'delete', key: first },
    ]);
    await start(store);
    expect(await store.get(first)).toBeUndefined();
  });
});

describe('several instances that start together', () => {
  it('agree on everything', async () => {
    const store = createMemoryStore();
    const ids = await Promise.all(
      [1, 2, 3].map(async () => {
        await start(store);
        return ensureClusterId(store);
      }),
    );
    expect(new Set(ids).size).toBe(1);
    expect(await names(store)).toHaveLength(15);
    const key = await text(store, 'user-token-signing-key-1');
    await jwtVerify(await text(store, 'admin-user-token'), createPublicKey(key));
  });
});
