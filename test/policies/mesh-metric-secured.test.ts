import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLeaf, loadIssuer } from '../../packages/kuma-cp/src/identity/leaf-certificate.ts';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { freePorts } from '../../tools/fixtures/ports.ts';
import { ask } from '../../tools/fixtures/services.ts';

const certificates = join(import.meta.dirname, '../../packages/xds-encode/src/testing/certificates');

let mesh: Mesh;
let port: number;

beforeAll(async () => {
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(meshWithMtls());
  await mesh.join({
    name: 'web',
    sidecar: { args: [`--metrics-cert-path=${certificates}/web.pem`, `--metrics-key-path=${certificates}/web-key.pem`] },
  });
  [port] = (await freePorts(1)) as [number];
});

afterAll(() => mesh?.stop());

async function secure(mode: string, dataplane = 'web'): Promise<void> {
  const backends = [{ type: 'Prometheus', prometheus: { port, tls: { mode } } }];
  const spec = { targetRef: { kind: 'Dataplane', name: dataplane }, default: { backends } };
  await mesh.controlPlane.apply(JSON.stringify({ type: 'MeshMetric', mesh: 'default', name: `of-${dataplane}`, spec }));
}

interface Client {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

/** @returns status and body, without looking at the name in the server's certificate */
function scrape(client: Client): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/metrics', agent: false as const, checkServerIdentity: () => undefined };
    const call = request({ ...options, ...client }, async (response) =>
      resolve({ status: response.statusCode!, body: await text(response) }),
    );
    call.on('error', reject);
    call.end();
  });
}

async function secret(name: string): Promise<string> {
  const answer = await fetch(`${mesh.controlPlane.apiUrl}/meshes/default/secrets/${name}`);
  return Buffer.from(((await answer.json()) as { data: string }).data, 'base64').toString();
}

/** A client with a certificate for this SPIFFE id, signed by the mesh. */
async function clientOfMesh(uri: string): Promise<Required<Client>> {
  const ca = await secret('default.ca-builtin-cert-ca-1');
  const issuer = loadIssuer({ certificate: ca, key: await secret('default.ca-builtin-key-ca-1') });
  const now = Date.now();
  const { certificate, key } = createLeaf(issuer, { uris: [uri], notBefore: now - 60_000, notAfter: now + 3_600_000 });
  return { ca, cert: certificate, key };
}

test('an endpoint with the mesh’s mutual TLS takes clients of the mesh alone', async () => {
  await secure('ActiveMTLSBackend');
  const prometheus = await clientOfMesh('spiffe://default/prometheus');
  await eventually('metrics for a client of the mesh', async () => {
    const { status, body } = await scrape(prometheus);
    expect(status).toBe(200);
    expect(body).toContain('envoy_server_live{');
  });
  await expect(ask(port, { path: '/metrics' })).rejects.toThrow();
  await expect(scrape({ ca: prometheus.ca })).rejects.toThrow();
  await expect(scrape(await clientOfMesh('spiffe://other/prometheus'))).rejects.toThrow();
  const stranger = {
    cert: readFileSync(`${certificates}/stranger.pem`, 'utf8'),
    key: readFileSync(`${certificates}/stranger-key.pem`, 'utf8'),
  };
  await expect(scrape({ ca: prometheus.ca, ...stranger })).rejects.toThrow();
});

test('an endpoint with the certificate of the sidecar shows that, and takes no plain text', async () => {
  await secure('ProvidedTLS');
  await eventually('metrics over TLS', async () => {
    expect((await scrape({ ca: readFileSync(`${certificates}/ca.pem`, 'utf8') })).status).toBe(200);
  });
  await expect(ask(port, { path: '/metrics' })).rejects.toThrow();
});

test('what cannot be secured stays closed, and kuma-dp says why', async () => {
  const [own] = (await freePorts(1)) as [number];
  port = own;
  const { sidecar } = await mesh.join({ name: 'bare' });
  await secure('ProvidedTLS', 'bare');
  await sidecar.process.waitForOutput(/port \d+ stays closed: its tls\.mode ProvidedTLS needs --metrics-cert-path/);
  await expect(ask(port, { path: '/metrics' })).rejects.toThrow('ECONNREFUSED');
  await secure('Disabled', 'bare');
  await eventually('the endpoint', async () => expect((await ask(port, { path: '/metrics' })).status).toBe(200));
});
