import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSettings } from '../settings/load-settings.ts';
import { ownCertificate } from './self-signed.ts';
import { serverTls } from './server-tls.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kuma-tls-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function settings(env: Record<string, string> = {}) {
  const loaded = loadSettings({ env });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.settings;
}

test('a certificate is made once, for this host, ten years, and for its owner alone', async () => {
  const made = await ownCertificate(join(dir, 'work'))();
  const certificate = new X509Certificate(made.cert);
  for (const name of ['localhost', hostname().toLowerCase()]) expect(certificate.checkHost(name)).toBe(name);
  for (const address of ['127.0.0.1', '::1']) expect(certificate.checkIP(address)).toBe(address);
  expect(certificate.subject).toContain('CN=kuma-control-plane');
  expect(certificate.ca).toBe(true);
  expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
  const years = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / (365 * 24 * 3600_000);
  expect(Math.round(years)).toBe(10);
  for (const file of ['kuma-cp.crt', 'kuma-cp.key']) expect(statSync(join(dir, 'work', file)).mode & 0o777).toBe(0o600);

  expect(await ownCertificate(join(dir, 'work'))()).toEqual(made);
});

test('clients that trust the certificate file reach the server', async () => {
  const tls = await serverTls(settings(), 'dpServer', ownCertificate(dir));
  const server = createServer(tls).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: tls.cert });
  await once(socket, 'secureConnect');
  expect(socket.getProtocol()).toBe('TLSv1.3');
  socket.destroy();
  server.close();
});

test("OpenSSL's strict rules find nothing wrong with it", async (context) => {
  context.skip(spawnSync('openssl', ['version']).status !== 0, 'there is no openssl here');
  await ownCertificate(dir)();
  const file = join(dir, 'kuma-cp.crt');
  expect(execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', file, file], { encoding: 'utf8' })).toContain('OK');
});

test('a lost key is not replaced behind the back of clients that trust the certificate', async () => {
  await ownCertificate(dir)();
  rmSync(join(dir, 'kuma-cp.key'));
  await expect(ownCertificate(dir)()).rejects.toMatchObject({ code: 'certificate', hint: expect.stringContaining('restore it') });
});

test('a work directory that cannot be one is named with its setting', async () => {
  writeFileSync(join(dir, 'file'), '');
  await expect(ownCertificate(join(dir, 'file'))()).rejects.toMatchObject({
    code: 'work-dir',
    hint: expect.stringContaining('general.workDir'),
  });
});

test("a server's own files win over the general ones, and those over the made certificate", async () => {
  const own = ownCertificate(join(dir, 'own'));
  await ownCertificate(join(dir, 'general'))();
  await ownCertificate(join(dir, 'dp'))();
  const files = (server: string, folder: string) => ({
    [`KUMA_${server}_TLS_CERT_FILE`]: join(dir, folder, 'kuma-cp.crt'),
    [`KUMA_${server}_TLS_KEY_FILE`]: join(dir, folder, 'kuma-cp.key'),
  });
  const configured = settings({
    ...files('GENERAL', 'general'),
    ...files('DP_SERVER', 'dp'),
    KUMA_DP_SERVER_TLS_MIN_VERSION: 'TLSv1_3',
  });
  const pem = (folder: string) => readFileSync(join(dir, folder, 'kuma-cp.crt'), 'utf8');
  expect(await serverTls(configured, 'dpServer', own)).toMatchObject({
    cert: pem('dp'),
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
  });
  expect(await serverTls(configured, 'apiServer.https', own)).toMatchObject({ cert: pem('general'), minVersion: 'TLSv1.2' });
  expect((await serverTls(settings(), 'dpServer', own)).cert).toBe(pem('own'));
});

test('files that are absent or do not belong together are named with their settings, without the key', async () => {
  const made = await ownCertificate(join(dir, 'a'))();
  await ownCertificate(join(dir, 'b'))();
  const mixed = settings({
    KUMA_GENERAL_TLS_CERT_FILE: join(dir, 'a', 'kuma-cp.crt'),
    KUMA_GENERAL_TLS_KEY_FILE: join(dir, 'b', 'kuma-cp.key'),
  });
  const refusal = await serverTls(mixed, 'dpServer', async () => made).catch((error: Error) => error);
  expect(refusal).toMatchObject({
    code: 'certificate',
    message: expect.stringContaining('general.tlsCertFile and general.tlsKeyFile'),
  });
  const absent = settings({ KUMA_GENERAL_TLS_CERT_FILE: join(dir, 'absent'), KUMA_GENERAL_TLS_KEY_FILE: join(dir, 'absent') });
  await expect(serverTls(absent, 'dpServer', async () => made)).rejects.toMatchObject({
    message: expect.stringContaining('general.tlsCertFile: ENOENT'),
  });
});
