import { createPrivateKey, createPublicKey } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../store/memory-store.ts';
import type { ResourceStore } from '../store/store.ts';
import { createDataplaneTokenVerifier, type TokenBearer, type VerifyDataplaneToken } from './dataplane-token.ts';
import { createTokenIssuer, SigningKeyNotFound, type TokenIssuer } from './issue-token.ts';
import { generateRsaKeyPem } from './rsa-key.ts';
import { type TokenSecretsSource, watchTokenSecrets } from './token-secrets.ts';
import { createTokenVerifier } from './verify-token.ts';

let store: ResourceStore;
let secrets: TokenSecretsSource;
let issuer: TokenIssuer;
let verify: VerifyDataplaneToken;
let pem: string;
const unreadable: string[] = [];

beforeEach(async () => {
  store = createMemoryStore();
  secrets = watchTokenSecrets(store, ({ name }) => unreadable.push(name));
  issuer = createTokenIssuer(secrets);
  verify = createDataplaneTokenVerifier(createTokenVerifier(secrets));
  pem = await addKey('m', '1');
});
afterEach(() => secrets.close());

async function addSecret(key: { type: string; mesh: string; name: string }, text: string | Buffer) {
  const draft = { ...key, labels: {}, spec: { data: Buffer.from(text).toString('base64') } };
  await store.write([{ op: 'create', draft }]);
}
async function addKey(mesh: string, kid: string) {
  const key = await generateRsaKeyPem();
  await addSecret({ type: 'Secret', mesh, name: `dataplane-token-signing-key-${mesh}-${kid}` }, key);
  return key;
}
const claims = (more: object = {}) => ({ Name: '', Mesh: 'm', Tags: {}, Type: '', Workload: '', ...more });
const proxy = (more: Partial<TokenBearer> = {}): TokenBearer => ({
  mesh: 'm',
  name: 'dp',
  tags: new Map(),
  type: 'dataplane',
  ...more,
});
const tags = (values: Record<string, string[]>) => new Map(Object.entries(values).map(([tag, all]) => [tag, new Set(all)]));

describe('a dataplane token', () => {
  it('has all claims, five seconds of tolerance and the id of its key', async () => {
    const token = await issuer.dataplane(claims({ Name: 'dp', Tags: { 'kuma.io/service': ['a', 'b'] } }), 3600);
    const { payload, protectedHeader } = await jwtVerify(token, createPublicKey(pem));
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: '1' });
    expect(payload).toMatchObject({ Name: 'dp', Mesh: 'm', Tags: { 'kuma.io/service': ['a', 'b'] }, Type: '', Workload: '' });
    expect(payload.nbf).toBe(payload.iat);
    expect(payload.exp! - payload.iat!).toBe(3605);
    expect(payload.jti).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  });

  it('is signed by the newest key, by number and not by letter; older keys still verify', async () => {
    const old = await issuer.dataplane(claims(), 60);
    await addKey('m', '9');
    await addKey('m', '10');
    const token = await issuer.dataplane(claims(), 60);
    expect(decodeProtectedHeader(token).kid).toBe('10');
    expect(await verify(old, proxy())).toEqual({ ok: true });
    expect(await verify(token, proxy())).toEqual({ ok: true });
  });

  it('is refused once its key is gone, though it was good before', async () => {
    const token = await issuer.dataplane(claims(), 60);
    await addKey('m', '2');
    expect(await verify(token, proxy())).toEqual({ ok: true });
    await store.write([{ op: 'delete', key: { type: 'Secret', mesh: 'm', name: 'dataplane-token-signing-key-m-1' } }]);
    expect(await verify(token, proxy())).toMatchObject({ ok: false, reason: expect.stringContaining('unknown') });
  });

  it.each([
    ['of the mesh', { type: 'Secret', mesh: 'm' }],
    ['of the control plane', { type: 'GlobalSecret', mesh: '' }],
  ])('is refused once it is revoked in the secret %s', async (_, place) => {
    const token = await issuer.dataplane(claims(), 60);
    const other = await issuer.dataplane(claims(), 60);
    expect(await verify(token, proxy())).toEqual({ ok: true });
    const { payload } = await jwtVerify(token, createPublicKey(pem));
    await addSecret({ ...place, name: 'dataplane-token-revocations-m' }, `some-id, ${payload.jti}\n`);
    expect(await verify(token, proxy())).toMatchObject({ ok: false, reason: expect.stringContaining('revoked') });
    expect(await verify(other, proxy())).toEqual({ ok: true });
  });

  it('cannot be issued in a mesh without a key', async () => {
    await expect(issuer.dataplane(claims({ Mesh: 'none' }), 60)).rejects.toThrow(SigningKeyNotFound);
    await addKey('none', '1');
    expect(await verify(await issuer.dataplane(claims({ Mesh: 'none' }), 60), proxy({ mesh: 'none' }))).toEqual({ ok: true });
  });

  it('of one mesh is refused in another, whatever its claims say', async () => {
    await addKey('other', '1');
    const token = await issuer.dataplane(claims(), 60);
    expect(await verify(token, proxy({ mesh: 'other' }))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('signature'),
    });
  });

  it('of a mesh whose name begins with the name of another does not take its keys', async () => {
    await addSecret({ type: 'Secret', mesh: 'm', name: 'dataplane-token-signing-key-m-b-7' }, await generateRsaKeyPem());
    expect(decodeProtectedHeader(await issuer.dataplane(claims(), 60)).kid).toBe('1');
  });

  it('works with a key in DER, and a broken key is reported by name', async () => {
    const der = createPrivateKey(await generateRsaKeyPem()).export({ type: 'pkcs1', format: 'der' });
    await addSecret({ type: 'Secret', mesh: 'm', name: 'dataplane-token-signing-key-m-2' }, der);
    await addSecret({ type: 'Secret', mesh: 'm', name: 'dataplane-token-signing-key-m-3' }, 'no key');
    const token = await issuer.dataplane(claims(), 60);
    expect(decodeProtectedHeader(token).kid).toBe('2');
    expect(unreadable).toContain('dataplane-token-signing-key-m-3');
  });

  const other: readonly (readonly [string, object, Partial<TokenBearer>, string | undefined])[] = [
    ['its name', { Name: 'dp' }, {}, undefined],
    ['another name', { Name: 'else' }, {}, 'else'],
    ['any name', {}, { name: 'whatever' }, undefined],
    ['type dataplane', { Type: 'dataplane' }, {}, undefined],
    ['type ingress', { Type: 'ingress' }, {}, 'ingress'],
    ['a workload', { Workload: 'w' }, { workload: 'w' }, undefined],
    ['another workload', { Workload: 'w' }, { workload: 'v' }, 'workload'],
    ['all its values of a tag', { Tags: { s: ['a', 'b', 'c'] } }, { tags: tags({ s: ['a', 'b'], t: ['z'] }) }, undefined],
    ['some of its values of a tag', { Tags: { s: ['a'] } }, { tags: tags({ s: ['a', 'b'] }) }, '"b"'],
    ['a tag that it has not', { Tags: { s: ['a'] } }, { tags: tags({ t: ['a'] }) }, '"s"'],
  ];
  it.each(other)('for %s', async (_, more, bearer, reason) => {
    const verdict = await verify(await issuer.dataplane(claims(more), 60), proxy(bearer));
    expect(verdict).toEqual(reason === undefined ? { ok: true } : { ok: false, reason: expect.stringContaining(reason) });
  });

  it.each([
    ['nothing', async () => undefined, 'kumactl generate dataplane-token'],
    ['no token', async () => 'abc', 'JSON Web Token'],
    ['one that has expired', async () => signed({ exp: 1000 }), 'expired'],
    ['one for later', async () => signed({ nbf: 4e9 }), 'not valid before'],
    ['one without an end', async () => signed({ exp: undefined }), 'exp'],
    ['one without a key id', async () => signed({}, { kid: undefined }), 'kid'],
    ['one with an unknown key id', async () => signed({}, { kid: '8' }), '"8"'],
    ['one signed by someone else', async () => signed({}, {}, await generateRsaKeyPem()), 'signature'],
    ['one that is not signed', async () => `${encode({ alg: 'none', kid: '1' })}.${encode({ Mesh: 'm', exp: 4e9 })}.`, 'RS256'],
    ['one signed with the public key as a secret', async () => hmacSigned(), 'RS256'],
  ])('%s is refused', async (_, make, reason) => {
    expect(await verify(await make(), proxy())).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  async function signed(more: object, header: object = {}, key = pem) {
    const payload = { ...claims(), exp: 4e9, ...more };
    return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: '1', ...header }).sign(createPrivateKey(key));
  }
  async function hmacSigned() {
    const secret = Buffer.from(createPublicKey(pem).export({ type: 'spki', format: 'pem' }));
    return new SignJWT({ ...claims(), exp: 4e9 }).setProtectedHeader({ alg: 'HS256', kid: '1' }).sign(secret);
  }
  function encode(value: object) {
    return Buffer.from(JSON.stringify(value)).toString('base64url');
  }
});
