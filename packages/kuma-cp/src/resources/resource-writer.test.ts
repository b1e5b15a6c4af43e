import { generateKeyPairSync } from 'node:crypto';
import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { Resource, ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCaProvisioner } from '../identity/builtin-ca.ts';
import { SigningPool } from '../identity/signing-pool.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import type { Change, ResourceStore } from '../store/store.ts';
import { readDraft } from './read-draft.ts';
import { ResourceError } from './resource-error.ts';
import { createResourceWriter, type ResourceWriter } from './resource-writer.ts';

let pool: SigningPool;
let store: ResourceStore;
let writer: ResourceWriter;
let commits: (readonly Change[])[];

beforeAll(() => {
  pool = new SigningPool();
});
afterAll(() => pool.close());
beforeEach(async () => {
  store = createMemoryStore();
  writer = writerWith({});
  await writer.put(mesh('m'));
  commits = [];
  store.subscribe((changes) => commits.push(changes));
});

function writerWith({ serviceProbes = true }): ResourceWriter {
  const ca = createCaProvisioner(store, pool);
  return createResourceWriter({ store, identity: { zone: 'east', mode: 'zone' }, ca, serviceProbes });
}

function draft(json: object): ResourceDraft {
  return readDraft(json, {}).draft;
}
function mesh(name: string, more: object = {}): ResourceDraft {
  return draft({ type: 'Mesh', name, ...more });
}
function mtls(...backends: readonly object[]): object {
  return { mtls: { enabledBackend: 'ca', backends } };
}
function provided(cert: object, key: object): object {
  return { name: 'ca', type: 'provided', conf: { cert, key } };
}
function dataplane(name: string, tags: Record<string, string> = { 'kuma.io/service': 'web' }, of = 'm'): ResourceDraft {
  return draft({ type: 'Dataplane', mesh: of, name, networking: { address: '127.0.0.1', inbound: [{ port: 80, tags }] } });
}
async function secret(name: string, text: string): Promise<void> {
  await writer.put(draft({ type: 'Secret', mesh: 'm', name, data: Buffer.from(text).toString('base64') }));
}
async function refusal(write: Promise<unknown>): Promise<{ code: string; fields: string[] }> {
  const error = await write.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ResourceError)) throw error ?? new Error('the write was not refused');
  return { code: error.code, fields: error.problems.map(({ field }) => field) };
}
async function namesIn(of: string): Promise<string[]> {
  return (await store.snapshot()).resources.filter((resource) => resource.mesh === of).map(({ type, name }) => `${type} ${name}`);
}
async function caPair() {
  return pool.sign({
    kind: 'root',
    commonName: 'test',
    uri: 'spiffe://m',
    key: { type: 'ecdsa' },
    notBefore: Date.now() - 1000,
    notAfter: Date.now() + 3_600_000,
  });
}

describe('a new mesh', () => {
  it('comes with its first policies and signing key, in one write, labelled', async () => {
    await writer.put(mesh('x'));
    expect(commits).toHaveLength(1);
    expect((await namesIn('x')).sort()).toEqual([
      'MeshCircuitBreaker mesh-circuit-breaker-all-x',
      'MeshRetry mesh-retry-all-x',
      'MeshTimeout mesh-gateways-timeout-all-x',
      'MeshTimeout mesh-timeout-all-x',
      'Secret dataplane-token-signing-key-x-1',
    ]);
    const retry = await store.get({ type: 'MeshRetry', mesh: 'x', name: 'mesh-retry-all-x' });
    expect(retry?.labels).toEqual({
      'kuma.io/mesh': 'x',
      'kuma.io/origin': 'zone',
      'kuma.io/zone': 'east',
      'kuma.io/env': 'universal',
    });
  });

  it('comes without policies when it says so, and gets none later', async () => {
    await writer.put(mesh('x', { skipCreatingInitialPolicies: ['*'] }));
    await writer.put(mesh('x', { skipCreatingInitialPolicies: [] }));
    expect(await namesIn('x')).toEqual(['Secret dataplane-token-signing-key-x-1']);
  });

  it('is made once by two writers at the same time', async () => {
    const other = writerWith({});
    expect((await Promise.all([writer.put(mesh('x')), other.put(mesh('x'))])).sort()).toEqual(['created', 'updated']);
    expect(await namesIn('x')).toHaveLength(5);
  });
});

describe('mutual TLS of a mesh', () => {
  const builtin = { name: 'ca', type: 'builtin' };

  it('brings the secrets of a builtin authority in the same write, and keeps them', async () => {
    await writer.put(mesh('m', mtls(builtin)));
    expect(commits).toHaveLength(1);
    expect(await namesIn('m')).toEqual(expect.arrayContaining(['Secret m.ca-builtin-cert-ca', 'Secret m.ca-builtin-key-ca']));
    const before = await store.get({ type: 'Secret', mesh: 'm', name: 'm.ca-builtin-key-ca' });
    await writer.put(mesh('m', mtls({ ...builtin, mode: 'PERMISSIVE' })));
    expect(await store.get({ type: 'Secret', mesh: 'm', name: 'm.ca-builtin-key-ca' })).toBe(before);
  });

  it('does not change its backend while it is on, unless the check is skipped', async () => {
    const two = [builtin, { name: 'ca-2', type: 'builtin' }];
    await writer.put(mesh('m', { mtls: { enabledBackend: 'ca', backends: two } }));
    const switched = { enabledBackend: 'ca-2', backends: two };
    expect(await refusal(writer.put(mesh('m', { mtls: switched })))).toEqual({
      code: 'invalid',
      fields: ['mtls.enabledBackend'],
    });
    expect(await writer.put(mesh('m', { mtls: { ...switched, skipValidation: true } }))).toBe('updated');
    await writer.put(mesh('m', { mtls: { backends: two } }));
    expect(await writer.put(mesh('m', { mtls: { ...switched, enabledBackend: 'ca' } }))).toBe('updated');
  });

  it('takes a provided authority whose secrets are there and belong together', async () => {
    const { certificate, key } = await caPair();
    await secret('cert', certificate);
    await secret('key', key);
    expect(await writer.put(mesh('m', mtls(provided({ secret: 'cert' }, { secret: 'key' }))))).toBe('updated');
    expect(await refusal(writer.delete({ type: 'Secret', mesh: 'm', name: 'key' }))).toEqual({
      code: 'in-use',
      fields: ['name'],
    });
    await writer.put(mesh('m'));
    await writer.delete({ type: 'Secret', mesh: 'm', name: 'key' });
  });

  it('refuses a provided authority that cannot sign, naming the part', async () => {
    const { certificate, key } = await caPair();
    const leaf = await pool.sign({
      kind: 'leaf',
      authority: { id: 'test', certificate, key },
      uris: ['spiffe://m/web'],
      notBefore: Date.now() - 1000,
      notAfter: Date.now() + 3_600_000,
    });
    const otherKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    const at = (...parts: string[]) => parts.map((part) => `mtls.backends[0].conf.${part}`);
    const text = (value: string) => ({ inlineString: value });
    for (const [cert, privateKey, fields] of [
      [{ secret: 'no' }, { secret: 'no' }, at('cert', 'key')],
      [text('x'), text('y'), at('cert', 'key')],
      [text(certificate), text(otherKey), at('key')],
      [text(leaf.certificate), text(leaf.key), at('cert')],
      [{ file: '/does/not/exist' }, text(key), at('cert')],
    ] as const) {
      expect(await refusal(writer.put(mesh('m', mtls(provided(cert, privateKey)))))).toEqual({ code: 'invalid', fields });
    }
  });
});

describe('deleting a mesh', () => {
  it('is refused while it has dataplanes', async () => {
    await writer.put(dataplane('dp'));
    expect(await refusal(writer.delete({ type: 'Mesh', mesh: '', name: 'm' }))).toEqual({ code: 'in-use', fields: ['mesh'] });
    await writer.delete({ type: 'Dataplane', mesh: 'm', name: 'dp' });
    await writer.delete({ type: 'Mesh', mesh: '', name: 'm' });
  });

  it('takes everything in it along, in one write, and nothing of another mesh', async () => {
    await writer.put(mesh('n'));
    commits.length = 0;
    await writer.delete({ type: 'Mesh', mesh: '', name: 'm' });
    expect(commits).toHaveLength(1);
    expect(await namesIn('m')).toEqual([]);
    expect(await namesIn('n')).toHaveLength(5);
  });

  it('leaves nothing behind that was written at the same moment', async () => {
    const results = await Promise.allSettled([
      writer.delete({ type: 'Mesh', mesh: '', name: 'm' }),
      ...Array.from({ length: 10 }, (_, i) => secret(`s-${i}`, 'x')),
    ]);
    expect(results[0]!.status).toBe('fulfilled');
    expect(await namesIn('m')).toEqual([]);
  });
});

describe('a dataplane', () => {
  it('must satisfy what its mesh demands of proxies', async () => {
    const dataplaneProxy = { requirements: [{ tags: { team: '*' } }], restrictions: [{ tags: { team: 'x' } }] };
    await writer.put(mesh('m', { constraints: { dataplaneProxy } }));
    const service = { 'kuma.io/service': 'web' };
    const fields = ['networking.inbound[0].tags'];
    expect(await refusal(writer.put(dataplane('a', service)))).toEqual({ code: 'invalid', fields });
    expect(await refusal(writer.put(dataplane('a', { ...service, team: 'x' })))).toEqual({ code: 'invalid', fields });
    expect(await writer.put(dataplane('a', { ...service, team: 'y' }))).toBe('created');
  });

  it('that says what is stored is not written again', async () => {
    await writer.put(dataplane('a'));
    const before = (await store.get(dataplane('a'))) as Resource;
    expect(await writer.put(dataplane('a'))).toBe('updated');
    expect((await store.get(dataplane('a')))?.revision).toBe(before.revision);
  });

  it.each([
    [true, 'NotReady'],
    [false, undefined],
  ])('begins without traffic where proxies are asked (%s) whether its application answers', async (serviceProbes, begins) => {
    const tags = { 'kuma.io/service': 'web' };
    const networking = {
      address: '127.0.0.1',
      inbound: [
        { port: 80, tags, serviceProbe: { tcp: {} } },
        { port: 81, tags },
      ],
    };
    const probed = draft({ type: 'Dataplane', mesh: 'm', name: 'a', networking });
    const states = async () =>
      ((await store.get(probed)) as Resource<Dataplane>).spec.networking?.inbound?.map(({ state }) => state);
    await writerWith({ serviceProbes }).put(probed);
    expect(await states()).toEqual([begins, undefined]);
    await writerWith({ serviceProbes }).put(probed);
    expect(await states()).toEqual([undefined, undefined]);
  });

  it('needs its mesh', async () => {
    expect(await refusal(writer.put(dataplane('a', { 'kuma.io/service': 'web' }, 'none')))).toMatchObject({
      code: 'mesh-not-found',
    });
  });
});
