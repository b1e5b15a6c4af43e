import 'reflect-metadata';
import { createPrivateKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { materialOf } from '../pipeline/encoded-secrets.ts';
import type { IdentityMaterial } from '../pipeline/material.ts';
import { pool, startControlPlane, type TestControlPlane } from '../sessions/testing/control-plane.ts';
import { TestProxy } from '../sessions/testing/test-proxy.ts';
import { handshake } from './test-tls.ts';

let cp: TestControlPlane;
beforeEach(async () => {
  cp = await startControlPlane();
});
afterEach(async () => {
  vi.useRealTimers();
  await cp.close();
});
afterAll(() => pool.close());

const hour = 3600_000;

const mesh = (enabledBackend: string, expiration = '1h') => ({
  type: 'Mesh',
  mesh: '',
  name: 'default',
  spec: {
    mtls: {
      enabledBackend,
      skipValidation: true,
      backends: ['ca-1', 'ca-2'].map((name) => ({ name, type: 'builtin', dpCert: { rotation: { expiration } } })),
    },
  },
});

function held(proxy: TestProxy): { identity: IdentityMaterial; roots: string } {
  const [identity, ca] = ['identity_cert:secret:default', 'mesh_ca:secret:default'].map((name) =>
    materialOf(proxy.resource('secret', name)!),
  );
  if (identity?.kind !== 'identity' || ca?.kind !== 'ca') throw new Error('the proxy has no secrets');
  return { identity, roots: ca.roots };
}

const rootsOf = (proxy: TestProxy) => held(proxy).roots.match(/BEGIN CERTIFICATE/g)!.length;
const backendOf = (proxy: TestProxy) => held(proxy).identity.backend;

async function connectTwo() {
  const [web, backend] = await Promise.all(
    ['web', 'backend'].map((service) => TestProxy.connect(cp.sessions, { name: `${service}-1`, service })),
  );
  await Promise.all([web!, backend!].map((proxy) => proxy.until(() => proxy.names('secret').length === 2)));
  return { web: web!, backend: backend! };
}

async function expectHandshakes(a: TestProxy, b: TestProxy) {
  await handshake(held(a), held(b));
  await handshake(held(b), held(a));
}

test('proxies of a mesh shake hands, and each shows its own SPIFFE id', async () => {
  await cp.put(mesh('ca-1'));
  const { web, backend } = await connectTwo();
  const seen = await handshake(held(backend), held(web));
  expect(seen.subjectaltname).toContain('URI:spiffe://default/web');
});

test('a certificate is renewed at four fifths of its life, and not before', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], shouldAdvanceTime: true });
  await cp.put(mesh('ca-1'));
  const { web } = await connectTwo();
  const before = held(web);
  const renewed = web.until(() => held(web).identity !== before.identity);
  vi.advanceTimersByTime(0.79 * hour);
  expect(held(web).identity).toBe(before.identity);
  vi.advanceTimersByTime(0.02 * hour);
  await renewed;
  expect(held(web).identity.notAfter.getTime()).toBeGreaterThan(before.identity.notAfter.getTime());
  expect(held(web).roots).toBe(before.roots);
});

test('handshakes succeed before, at and after the renewal of short certificates', async () => {
  await cp.put(mesh('ca-1', '3s'));
  const { web, backend } = await connectTwo();
  const before = { web: held(web), backend: held(backend) };
  await handshake(before.web, before.backend);
  await web.until(() => held(web).identity !== before.web.identity);
  await handshake(held(web), before.backend);
  await handshake(before.backend, held(web));
  await backend.until(() => held(backend).identity !== before.backend.identity);
  await expectHandshakes(web, backend);
});

test('authorities change places without a failed handshake: both are trusted, then the new one signs, then the old one goes', async () => {
  await cp.put(mesh('ca-1'));
  const { web, backend } = await connectTwo();
  // One proxy is slow to take the new roots: until it has, nobody may show what it would refuse.
  backend.stalled = true;
  const old = { web: held(web), backend: held(backend) };
  await cp.put(mesh('ca-2'));
  await Promise.all([web, backend].map((proxy) => proxy.until(() => rootsOf(proxy) === 2)));
  expect([backendOf(web), backendOf(backend)]).toEqual(['ca-1', 'ca-1']);
  await handshake(held(web), old.backend);
  await handshake(old.backend, held(web));

  backend.stalled = false;
  backend.accept();
  await Promise.all([web, backend].map((proxy) => proxy.until(() => backendOf(proxy) === 'ca-2' && rootsOf(proxy) === 1)));
  await expectHandshakes(web, backend);
  await expect(handshake(held(web), old.backend)).rejects.toThrow();
});

test('while certificates of both authorities are about, each proxy accepts the other', async () => {
  await cp.put(mesh('ca-1'));
  const { web, backend } = await connectTwo();
  let checked = 0;
  const states: (() => Promise<void>)[] = [];
  for (const proxy of [web, backend])
    proxy.session.onConfig(() => {
      const [a, b] = [held(web), held(backend)];
      checked++;
      states.push(async () => {
        await handshake(a, b);
        await handshake(b, a);
      });
      proxy.accept();
    });
  await cp.put(mesh('ca-2'));
  await vi.waitFor(
    () =>
      expect([web, backend].map((proxy) => [backendOf(proxy), rootsOf(proxy)])).toEqual([
        ['ca-2', 1],
        ['ca-2', 1],
      ]),
    5000,
  );
  for (const state of states) await state();
  expect(checked).toBeGreaterThanOrEqual(4);
});

test('an authority is not held up for ever by a proxy that takes nothing', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], shouldAdvanceTime: true });
  await cp.put(mesh('ca-1'));
  const { web, backend } = await connectTwo();
  backend.stalled = true;
  await cp.put(mesh('ca-2'));
  await web.until(() => rootsOf(web) === 2);
  const rotated = web.until(() => backendOf(web) === 'ca-2');
  vi.advanceTimersByTime(31_000);
  await rotated;
  // The stalled one may still hold a certificate of the old authority: until that has ended, it is trusted.
  expect(rootsOf(web)).toBe(2);
  const retired = web.until(() => rootsOf(web) === 1);
  vi.advanceTimersByTime(hour);
  await retired;
});

test('an authority that a restart keeps from being replaced signs on until proxies are back', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], shouldAdvanceTime: true });
  await cp.put(mesh('ca-1'));
  const { web, backend } = await connectTwo();
  backend.stalled = true;
  const before = held(backend);
  await cp.put(mesh('ca-2'));
  await web.until(() => rootsOf(web) === 2);
  cp.crash();
  cp = await startControlPlane({ store: cp.store, instanceId: 'cp-2' });
  const again = await TestProxy.connect(cp.sessions, { name: 'web-1', service: 'web' });
  await again.until(() => again.names('secret').length === 2);
  expect([backendOf(again), rootsOf(again)]).toEqual(['ca-1', 2]);
  await handshake(held(again), before);
  await handshake(before, held(again));
  const rotated = again.until(() => backendOf(again) === 'ca-2');
  vi.advanceTimersByTime(10_000);
  await rotated;
  expect(rootsOf(again)).toBe(2);
  await handshake(held(again), { identity: before.identity, roots: held(again).roots });
});

test('mutual TLS that is turned off leaves no secrets', async () => {
  await cp.put(mesh('ca-1'));
  const { web } = await connectTwo();
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: {} });
  await web.until(() => web.names('secret').length === 0);
});

test('a provided authority signs, and replacing its two secrets one by one rotates it', async () => {
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: {} });
  const putSecrets = async ({ certificate, key }: { certificate: string; key: string }) => {
    const secret = (name: string, text: string) => ({ type: 'Secret', mesh: 'default', name, spec: { data: btoa(text) } });
    await cp.put(secret('own-cert', certificate));
    await cp.put(secret('own-key', key));
  };
  const [first, second] = await Promise.all([providedRoot(), providedRoot()]);
  await putSecrets(first!);
  const conf = { cert: { secret: 'own-cert' }, key: { secret: 'own-key' } };
  const mtls = { enabledBackend: 'own', backends: [{ name: 'own', type: 'provided', conf }] };
  await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: { mtls } });
  const { web, backend } = await connectTwo();
  expect(held(web).roots).toBe(first!.certificate);
  await expectHandshakes(web, backend);

  await putSecrets(second!);
  await Promise.all([web, backend].map((proxy) => proxy.until(() => held(proxy).roots === second!.certificate)));
  await expectHandshakes(web, backend);
});

test('certificates below an intermediate are shown with it, so that the root alone is enough to trust', async () => {
  const { root, intermediate } = await createChain();
  const folder = await mkdtemp(join(tmpdir(), 'authority-'));
  try {
    await writeFile(join(folder, 'cert.pem'), intermediate.certificate + root);
    await writeFile(join(folder, 'key.pem'), intermediate.key);
    const conf = { cert: { file: join(folder, 'cert.pem') }, key: { file: join(folder, 'key.pem') } };
    const mtls = { enabledBackend: 'own', backends: [{ name: 'own', type: 'provided', conf }] };
    await cp.put({ type: 'Mesh', mesh: '', name: 'default', spec: { mtls } });
    const { web, backend } = await connectTwo();
    await handshake({ ...held(web), roots: root }, { ...held(backend), roots: root });
  } finally {
    await rm(folder, { recursive: true });
  }
});

function providedRoot() {
  const now = Date.now();
  return pool.sign({
    kind: 'root',
    commonName: 'provided',
    uri: 'spiffe://default',
    key: { type: 'rsa', bits: 2048 },
    notBefore: now - 1000,
    notAfter: now + hour,
  });
}

/** A root, and an authority below it with its key. */
async function createChain() {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
  const validity = { notBefore: new Date(Date.now() - 1000), notAfter: new Date(Date.now() + hour) };
  const [rootKeys, keys] = await Promise.all([0, 1].map(() => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])));
  const extensions = [new x509.BasicConstraintsExtension(true, undefined, true)];
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=root',
    keys: rootKeys!,
    signingAlgorithm: algorithm,
    extensions,
    ...validity,
  });
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: 'CN=intermediate',
    issuer: root.subjectName,
    publicKey: keys!.publicKey,
    signingKey: rootKeys!.privateKey,
    signingAlgorithm: algorithm,
    extensions,
    ...validity,
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys!.privateKey));
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'sec1' }) as string;
  return { root: `${root.toString('pem')}\n`, intermediate: { certificate: `${certificate.toString('pem')}\n`, key } };
}
