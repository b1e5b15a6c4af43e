import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMemoryStore } from '../store/memory-store.ts';
import type { ResourceStore } from '../store/store.ts';
import { ownCertificate } from './self-signed.ts';
import type { KeyPair } from './server-tls.ts';
import { certificateAmongMany } from './shared-authority.ts';

let dir: string;
let store: ResourceStore;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kuma-tls-'));
  store = createMemoryStore();
});
afterEach(() => rmSync(dir, { recursive: true }));

const workDir = (name: string) => join(dir, name);
const instance = (name: string) => certificateAmongMany(store, { workDir: workDir(name), own: ownCertificate(workDir(name)) })();

async function reaches(server: KeyPair, trusted: string): Promise<string | null> {
  const listening = createServer(server).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const socket = connect({ port: (listening.address() as AddressInfo).port, host: '127.0.0.1', ca: trusted });
  await once(socket, 'secureConnect');
  const protocol = socket.getProtocol();
  socket.destroy();
  listening.close();
  return protocol;
}

test('who trusts the certificate file of one control plane reaches them all', async () => {
  const pairs = await Promise.all(['a', 'b', 'c'].map(instance));
  const files = ['a', 'b', 'c'].map((name) => readFileSync(join(workDir(name), 'kuma-cp.crt'), 'utf8'));
  for (const pair of pairs) for (const file of files) expect(await reaches(pair, file)).toBe('TLSv1.3');
  expect(pairs.map(({ cert }) => cert)).toEqual(files);
});

test('a control plane that was alone before keeps its certificate, and the others are signed by it', async () => {
  const before = await ownCertificate(workDir('a'))();
  expect(await instance('a')).toEqual(before);
  expect(await reaches(await instance('b'), before.cert)).toBe('TLSv1.3');
});

test('control planes that start at once with one work directory leave one certificate with its key', async () => {
  const pairs = await Promise.all(['a', 'a', 'a', 'b', 'b', 'b'].map(instance));
  const file = (name: string) => readFileSync(join(workDir(name), 'kuma-cp.crt'), 'utf8');
  expect(pairs.map(({ cert }) => cert)).toEqual([...Array(3).fill(file('a')), ...Array(3).fill(file('b'))]);
  expect(await ownCertificate(workDir('a'))()).toEqual(pairs[0]);
  expect(await ownCertificate(workDir('b'))()).toEqual(pairs[3]);
});

test('a start finds the certificate of the last one', async () => {
  await instance('a');
  const made = await instance('b');
  expect(await instance('b')).toEqual(made);
});

test("OpenSSL's strict rules find nothing wrong with a signed one", async (context) => {
  context.skip(spawnSync('openssl', ['version']).status !== 0, 'there is no openssl here');
  await instance('a');
  const { cert } = await instance('b');
  const [leaf] = cert.split(/(?<=-----END CERTIFICATE-----\n)/);
  writeFileSync(join(dir, 'leaf.crt'), leaf!);
  const authority = join(workDir('a'), 'kuma-cp.crt');
  const verdict = execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', authority, join(dir, 'leaf.crt')], {
    encoding: 'utf8',
  });
  expect(verdict).toContain('OK');
});
