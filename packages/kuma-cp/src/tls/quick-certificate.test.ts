import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { SigningPool } from '../identity/signing-pool.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import { quickCertificate } from './quick-certificate.ts';
import { ownCertificate } from './self-signed.ts';
import type { KeyPair } from './server-tls.ts';
import { certificateAmongMany } from './shared-authority.ts';

const pool = new SigningPool();
afterAll(() => pool.close());
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kuma-tls-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Connects by name and by address, as a client that trusts `ca` alone. */
async function reaches(server: KeyPair, ca: string): Promise<void> {
  const listening = createServer(server).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  for (const servername of ['localhost', '']) {
    const socket = connect({ port, host: '127.0.0.1', ca, ...(servername && { servername }) });
    await once(socket, 'secureConnect');
    socket.destroy();
  }
  listening.close();
}

test('clients that trust the certificate file reach a server that shows the quick one', async () => {
  const own = await ownCertificate(dir)();
  const quick = (await quickCertificate(pool, own))!;
  const [shown, authority] = [new X509Certificate(quick.cert), new X509Certificate(own.cert)];
  expect(shown.publicKey.asymmetricKeyType).toBe('ec');
  expect(shown.ca).toBe(false);
  expect(shown.subjectAltName).toBe(authority.subjectAltName);
  expect(shown.validTo).toBe(authority.validTo);
  await reaches(quick, own.cert);
});

test('so do clients that trust the file of the first of several control planes', async () => {
  const store = createMemoryStore();
  const first = await certificateAmongMany(store, { workDir: join(dir, 'a'), own: ownCertificate(join(dir, 'a')) })();
  const second = await certificateAmongMany(store, { workDir: join(dir, 'b'), own: ownCertificate(join(dir, 'b')) })();
  const quick = (await quickCertificate(pool, second))!;
  await reaches(quick, first.cert);
  await reaches(quick, second.cert);
});
