import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { ask, type HttpService, startHttpService } from '../../tools/fixtures/services.ts';

let mesh: Mesh;
let backend: HttpService;
let database: Server;
let web: number;
let webDatabase: number;
/** The inbounds of services `backend`, `other` and `database`. */
let plain: number;
let other: number;
let plainDatabase: number;

beforeAll(async () => {
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  backend = await startHttpService('backend');
  // It speaks first, and hears nothing before.
  database = createServer((socket) => socket.on('error', () => {}).end('welcome'));
  await new Promise<void>((resolve) => database.listen(0, '127.0.0.1', resolve));
  const { port } = database.address() as AddressInfo;
  const inbound = ['backend', 'other'].map((service) => ({ service, servicePort: backend.port, protocol: 'http' }));
  const { inboundPorts } = await mesh.join({
    name: 'backend',
    inbound: [...inbound, { service: 'database', servicePort: port, protocol: 'tcp' }],
  });
  [plain, other, plainDatabase] = inboundPorts as [number, number, number];
  const joined = await mesh.join({ name: 'web', calls: ['backend', 'database'] });
  [web, webDatabase] = [joined.outbound('backend'), joined.outbound('database')];
  await meshAnswers();
});

afterAll(async () => {
  await mesh?.stop();
  await backend?.close();
  database?.close();
});

const apply = (name: string, spec: object) =>
  mesh.controlPlane.apply(JSON.stringify({ type: 'MeshTLS', mesh: 'default', name, spec }));
const rules = (conf: object) => ({ rules: [{ default: conf }] });

const meshAnswers = () => eventually('an answer over the mesh', async () => expect((await ask(web)).status).toBe(200));
const takesPlainText = async (port: number) => expect((await ask(port)).status).toBe(200);
const refusesPlainText = (port: number) => expect(ask(port)).rejects.toThrow();

const noCertificate = /HANDSHAKE_FAILURE|CERTIFICATE_REQUIRED/;
const noSuchVersion = /PROTOCOL_VERSION/;

/** Why the proxy refuses a client that insists on a version and has no certificate to show. */
async function refusal(version: 'TLSv1.2' | 'TLSv1.3'): Promise<string | undefined> {
  // Its certificate is for SPIFFE ids, and not for hosts.
  const socket = connect({ host: '127.0.0.1', port: plain, minVersion: version, maxVersion: version, rejectUnauthorized: false });
  socket.resume();
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  return error.code;
}

/** Versions and ciphers of the connections that the inbound has taken from other proxies so far. */
async function spoken(): Promise<readonly string[]> {
  const answer = await fetch(`${mesh.controlPlane.apiUrl}/meshes/default/dataplanes/backend/stats`);
  const stats = (await answer.text()).matchAll(/^listener\.127\.0\.0\.1_(\d+)\.ssl\.(?:versions|ciphers)\.(\S+): [1-9]/gm);
  return [...stats].filter(([, port]) => Number(port) === plain).map(([, , name]) => name!);
}

test('Permissive takes plain text beside mutual TLS at one inbound, Strict elsewhere does not', async () => {
  await refusesPlainText(plain);
  await apply('permissive', {
    targetRef: { kind: 'MeshSubset', tags: { 'kuma.io/service': 'backend' } },
    from: [{ targetRef: { kind: 'Mesh' }, default: { mode: 'Permissive' } }],
  });
  await eventually('plain text', () => takesPlainText(plain));
  await meshAnswers();
  await refusesPlainText(other);
});

test('Permissive lets a TCP service speak first, in plain text and over mutual TLS', async () => {
  const heard = (port: number) => {
    const socket = connectTcp(port, '127.0.0.1');
    // Who asks for mutual TLS alone waits for it.
    return text(socket.setTimeout(3_000, () => socket.destroy()));
  };
  expect(await heard(webDatabase)).toBe('welcome');
  const targetRef = { kind: 'MeshSubset', tags: { 'kuma.io/service': 'database' } };
  await apply('permissive-database', { targetRef, ...rules({ mode: 'Permissive' }) });
  await eventually('plain text', async () => expect(await heard(plainDatabase)).toBe('welcome'));
  expect(await heard(webDatabase)).toBe('welcome');
});

test('Strict wins over a mesh that is PERMISSIVE', async () => {
  await mesh.controlPlane.kumactl(['delete', 'meshtls', 'permissive']);
  await mesh.controlPlane.apply(meshWithMtls('default', { mode: 'PERMISSIVE' }));
  await eventually('plain text', () => takesPlainText(other));
  await apply('strict', { targetRef: { kind: 'Dataplane', name: 'backend' }, ...rules({ mode: 'Strict' }) });
  await eventually('no plain text', () => refusesPlainText(plain));
  await meshAnswers();
  await mesh.controlPlane.kumactl(['delete', 'meshtls', 'strict']);
  await mesh.controlPlane.apply(meshWithMtls());
  await eventually('no plain text', () => refusesPlainText(other));
});

test('a range of versions holds for both sides', async () => {
  expect(await refusal('TLSv1.2')).toMatch(noCertificate);
  await apply('versions', rules({ tlsVersion: { min: 'TLS13' } }));
  await eventually('TLS 1.2 being refused', async () => expect(await refusal('TLSv1.2')).toMatch(noSuchVersion));
  expect(await refusal('TLSv1.3')).toMatch(noCertificate);
  await eventually('TLS 1.3 between proxies', async () => {
    await meshAnswers();
    expect(await spoken()).toContain('TLSv1.3');
  });
  await apply('versions', rules({ tlsVersion: { max: 'TLS12' } }));
  await eventually('TLS 1.3 being refused', async () => expect(await refusal('TLSv1.3')).toMatch(noSuchVersion));
  await meshAnswers();
});

test('where two policies leave no version to speak, the older ones stay out and the mesh goes on', async () => {
  await apply('versions', rules({ tlsVersion: { max: 'TLS12' } }));
  await apply('newer', rules({ tlsVersion: { min: 'TLS13' } }));
  await eventually('TLS 1.2 being refused', async () => expect(await refusal('TLSv1.2')).toMatch(noSuchVersion));
  await meshAnswers();
  await mesh.controlPlane.kumactl(['delete', 'meshtls', 'newer']);
  await eventually('TLS 1.3 being refused', async () => expect(await refusal('TLSv1.3')).toMatch(noSuchVersion));
  await meshAnswers();
});

test('ciphers hold for both sides', async () => {
  const cipher = 'ECDHE-ECDSA-CHACHA20-POLY1305';
  expect(await spoken()).not.toContain(cipher);
  await apply('versions', rules({ tlsVersion: { max: 'TLS12' }, tlsCiphers: [cipher] }));
  await eventually('the cipher between proxies', async () => {
    await meshAnswers();
    expect(await spoken()).toContain(cipher);
  });
});

test('a cipher for keys of another kind is spoken with those that proxies have', async () => {
  await apply('versions', rules({ tlsVersion: { max: 'TLS12' }, tlsCiphers: ['ECDHE-RSA-AES256-GCM-SHA384'] }));
  await eventually('its counterpart between proxies', async () => {
    await meshAnswers();
    expect(await spoken()).toContain('ECDHE-ECDSA-AES256-GCM-SHA384');
  });
});

test('mutual TLS comes and goes without refusing who is permitted', async () => {
  const statuses = new Set<number>();
  let changing = true;
  const asking = Array.from({ length: 4 }, async () => {
    for (; changing; await delay(2)) statuses.add((await ask(web)).status);
  });
  const withoutMtls = JSON.stringify({ type: 'Mesh', name: 'default' });
  const withPlainText = meshWithMtls('default', { mode: 'PERMISSIVE' });
  for (const resource of [withPlainText, withoutMtls, withPlainText, withoutMtls, withPlainText, withoutMtls, withPlainText]) {
    await mesh.controlPlane.apply(resource);
    await eventually('requests over what is to be spoken', () => {
      const { 'x-forwarded-client-cert': certificate } = backend.requests.at(-1)!.headers;
      expect(certificate !== undefined).toBe(resource === withPlainText);
    });
  }
  changing = false;
  await Promise.all(asking);
  expect([...statuses]).not.toContain(403);
});
