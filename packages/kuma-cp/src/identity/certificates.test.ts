import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createAuthority } from './authority.ts';
import { issueLeaf } from './leaf.ts';
import { SigningPool } from './signing-pool.ts';
import { handshake } from './test-tls.ts';

const pool = new SigningPool();
afterAll(() => pool.close());

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const hour = 3600_000;

function root(key: { type: 'ecdsa' } | { type: 'rsa'; bits: number }) {
  const now = Date.now();
  return pool.sign({
    kind: 'root',
    commonName: 'default ca-1',
    uri: 'spiffe://default',
    key,
    notBefore: now - 1000,
    notAfter: now + 10 * hour,
  });
}

for (const key of [{ type: 'ecdsa' } as const, { type: 'rsa', bits: 2048 } as const]) {
  test(`proxies shake hands with certificates of an ${key.type} authority`, async () => {
    const { certificate, key: privateKey } = await root(key);
    expect(privateKey).toContain(key.type === 'rsa' ? 'BEGIN RSA PRIVATE KEY' : 'BEGIN EC PRIVATE KEY');
    const authority = createAuthority('ca-1', certificate, privateKey);
    const [web, backend] = await Promise.all([
      issueLeaf(pool, { uris: ['spiffe://default/web', 'kuma://version/v1'], authority, lifetime: hour }),
      issueLeaf(pool, { uris: ['spiffe://default/backend'], authority, lifetime: hour }),
    ]);
    const seen = await handshake({ identity: backend, roots: certificate }, { identity: web, roots: certificate });
    expect(seen.subjectaltname).toBe('URI:spiffe://default/web, URI:kuma://version/v1');
  });

  test.skipIf(!hasOpenssl)(`openssl verifies certificates of an ${key.type} authority strictly`, async () => {
    const { certificate, key: privateKey } = await root(key);
    const authority = createAuthority('ca-1', certificate, privateKey);
    const leaf = await issueLeaf(pool, { uris: ['spiffe://default/web'], authority, lifetime: hour });
    const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
    try {
      writeFileSync(join(folder, 'ca.pem'), certificate);
      writeFileSync(join(folder, 'leaf.pem'), leaf.certificateChain);
      const verify = ['verify', '-x509_strict', '-CAfile', join(folder, 'ca.pem'), join(folder, 'leaf.pem')];
      expect(execFileSync('openssl', verify, { encoding: 'utf8' })).toContain('OK');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test('a certificate of another authority is refused', async () => {
  const [ours, theirs] = await Promise.all([root({ type: 'ecdsa' }), root({ type: 'ecdsa' })]);
  const uris = ['spiffe://default/web'];
  const [good, foreign] = await Promise.all(
    [ours, theirs].map(({ certificate, key }) =>
      issueLeaf(pool, { uris, authority: createAuthority('ca-1', certificate, key), lifetime: hour }),
    ),
  );
  await expect(
    handshake({ identity: good!, roots: ours.certificate }, { identity: foreign!, roots: ours.certificate }),
  ).rejects.toThrow();
});

test('a certificate does not outlive its authority', async () => {
  const { certificate, key } = await root({ type: 'ecdsa' });
  const authority = createAuthority('ca-1', certificate, key);
  const leaf = await issueLeaf(pool, { uris: ['spiffe://default/web'], authority, lifetime: 100 * hour });
  expect(leaf.notAfter.getTime()).toBe(authority.notAfter);
  expect(Date.parse(new X509Certificate(leaf.certificateChain).validTo)).toBe(authority.notAfter);
});

test('a key that does not belong to the certificate is named without showing it', async () => {
  const [one, other] = await Promise.all([root({ type: 'ecdsa' }), root({ type: 'ecdsa' })]);
  expect(() => createAuthority('ca-1', one.certificate, other.key)).toThrow(/"ca-1".*does not belong/);
  expect(() => createAuthority('ca-1', one.certificate, 'no key at all')).toThrow(/key must be a PEM private key/);
});

test('a failed request leaves the others alone', async () => {
  const good = root({ type: 'ecdsa' });
  const bad = pool.sign({
    kind: 'leaf',
    authority: { id: 'broken', certificate: 'x', key: 'y' },
    uris: [],
    notBefore: 0,
    notAfter: 1,
  });
  await expect(bad).rejects.toMatchObject({ code: 'signing-failed' });
  expect((await good).certificate).toContain('BEGIN CERTIFICATE');
});
