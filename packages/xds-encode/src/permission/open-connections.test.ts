/** With a real Envoy and real TLS: what a change of permissions means for connections that are open. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { InboundListenerIr, PermissionIr, ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ir as httpIr } from '../../cases/inbound-strict-http/ir.ts';
import { type EncodedProxy, encodeProxy, encodeSecret, withSecrets } from '../index.ts';
import { certificateOf, root, type Who } from '../testing/certificates.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import { envoy } from '../testing/envoy.ts';
import { freePort } from '../testing/free-port.ts';
import { RunningEnvoy } from '../testing/running-envoy.ts';

const soon = { timeout: 10_000, interval: 20 };

describe.skipIf(!envoy.path)(`a change of permissions${envoy.path ? '' : ` (${envoy.missing})`}`, () => {
  it('rules the next request of an open HTTP connection', async () => {
    const app = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
    onTestFinished(() => void app.close());
    const inbound = await start((port) => http(port, (app.address() as AddressInfo).port));
    inbound.permit(['web']);
    const web = httpClient('web', inbound.port);
    const other = httpClient('other', inbound.port);
    await vi.waitFor(async () => expect((await web()).status).toBe(200), soon);
    expect((await other()).status).toBe(403);

    inbound.permit(['other']);
    await vi.waitFor(async () => expect(await web()).toEqual({ status: 403, reused: true }), soon);
    expect(await other()).toEqual({ status: 200, reused: true });
    expect(inbound.rejections).toEqual([]);
  });

  it('closes open TCP connections of those who lost theirs, and of nobody else', async () => {
    const received: string[] = [];
    const app = createTcpServer((socket) => {
      socket.on('data', (data) => received.push(String(data)) && socket.write(`echo ${data}`));
      socket.on('error', () => socket.destroy());
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void app.close());
    const inbound = await start((port) => tcp(port, (app.address() as AddressInfo).port));
    inbound.permit(['web']);
    const web = await vi.waitFor(() => echoing('web', inbound.port), soon);
    await expect(echoing('other', inbound.port)).rejects.toThrow();

    inbound.permit(['web', 'other']);
    const other = await vi.waitFor(() => echoing('other', inbound.port), soon);
    const idle = await echoing('other', inbound.port);

    inbound.permit(['web']);
    await vi.waitFor(() => expect(say(other, 'still there?')).rejects.toThrow(), soon);
    await expect(say(idle, 'too late')).rejects.toThrow();
    expect(received).not.toContain('too late');
    await expect(echoing('other', inbound.port)).rejects.toThrow();
    await expect(say(web, 'undisturbed')).resolves.toBe('echo undisturbed');

    inbound.permit(['web'], ['web']);
    await vi.waitFor(() => expect(say(web, 'denied')).rejects.toThrow(), soon);
    expect(inbound.rejections).toEqual([]);
  });

  it('keeps what an application says first from clients where nobody is permitted', async () => {
    const app = createTcpServer((socket) => socket.end('secret')).listen(0, '127.0.0.1');
    onTestFinished(() => void app.close());
    const inbound = await start((port) => tcp(port, (app.address() as AddressInfo).port));
    inbound.permit('everybody');
    await vi.waitFor(async () => expect(await heard('web', inbound.port)).toBe('secret'), soon);
    inbound.permit([]);
    await vi.waitFor(async () => expect(await heard('web', inbound.port)).toBe(''), soon);
    expect(inbound.rejections).toEqual([]);
  });

  it('lets nobody in whose certificate is of another mesh, whatever is permitted', async () => {
    const app = createTcpServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    onTestFinished(() => void app.close());
    const inbound = await start((port) => tcp(port, (app.address() as AddressInfo).port));
    inbound.permit('everybody');
    await vi.waitFor(() => echoing('web', inbound.port), soon);
    await expect(echoing('stranger', inbound.port)).rejects.toThrow();
  });
});

type Permit = readonly Who[] | 'everybody';

async function start(ir: (port: number) => (permission: PermissionIr) => ProxyIr) {
  const port = await freePort();
  const irWith = ir(port);
  const controlPlane = await ControlPlane.start(encoded(irWith({ rules: [] })));
  onTestFinished(() => controlPlane[Symbol.asyncDispose]());
  const running = await RunningEnvoy.start(controlPlane.port);
  onTestFinished(() => running[Symbol.asyncDispose]());
  return {
    port,
    rejections: controlPlane.rejections,
    permit: (allowed: Permit, denied: readonly Who[] = []) =>
      controlPlane.give(encoded(irWith({ rules: [...rules('Allow', allowed), ...rules('Deny', denied)] }))),
  };
}

function encoded(ir: ProxyIr): EncodedProxy {
  const { cert, key } = certificateOf('backend');
  return withSecrets(encodeProxy(ir), [
    encodeSecret('identity_cert:secret:default', { kind: 'identity', certificateChain: cert, privateKey: key }),
    encodeSecret('mesh_ca:secret:default', { kind: 'ca', roots: root }),
  ]);
}

function rules(action: 'Allow' | 'Deny', who: Permit): PermissionIr['rules'] {
  const origin = { kri: 'kri_mtp_default___test_' };
  if (who === 'everybody') return [{ action, origin, client: { kind: 'any' } }];
  return who.map((value) => ({ action, origin, client: { kind: 'tag', tag: 'kuma.io/service', value, mesh: 'default' } }));
}

function http(port: number, appPort: number) {
  return (permission: PermissionIr): ProxyIr => ({
    ...httpIr,
    listeners: [{ ...inboundOf(httpIr), address: { address: '127.0.0.1', port } }],
    routes: [{ ...httpIr.routes[0]!, permission }],
    clusters: [application(appPort)],
  });
}

function tcp(port: number, appPort: number) {
  return (permission: PermissionIr): ProxyIr => ({
    ...httpIr,
    listeners: [
      {
        ...inboundOf(httpIr),
        address: { address: '127.0.0.1', port },
        handler: {
          kind: 'tcp',
          statPrefix: 'localhost_8080',
          clusters: [{ cluster: 'localhost:8080', weight: 1 }],
          filters: [{ kind: 'permission', permission }],
        },
      },
    ],
    routes: [],
    clusters: [application(appPort)],
  });
}

function inboundOf(ir: ProxyIr): InboundListenerIr {
  return ir.listeners.find((listener) => listener.kind === 'inbound')!;
}

function application(port: number): ProxyIr['clusters'][number] {
  return { ...httpIr.clusters[0]!, discovery: { kind: 'static', address: { address: '127.0.0.1', port } } };
}

function tlsOptions(who: Who, port: number) {
  return { host: '127.0.0.1', port, ca: root, ...certificateOf(who), checkServerIdentity: () => undefined };
}

function httpClient(who: Who, port: number): () => Promise<{ status: number | undefined; reused: boolean }> {
  const agent = new Agent({ ...tlsOptions(who, port), keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return () =>
    new Promise((resolve, reject) => {
      const request = get({ host: '127.0.0.1', port, agent }, (response: IncomingMessage) => {
        response.resume().on('end', () => resolve({ status: response.statusCode, reused: request.reusedSocket }));
      }).on('error', reject);
    });
}

/** A connection over which something was heard. */
async function echoing(who: Who, port: number): Promise<TLSSocket> {
  const socket = connect(tlsOptions(who, port));
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  await say(socket, 'hello');
  return socket;
}

/** All that comes without a word from the client, until the other end closes. */
function heard(who: Who, port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(tlsOptions(who, port));
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(text));
  });
}

/** The answer, or an error when the connection is closed instead. */
function say(socket: TLSSocket, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('data', (data) => resolve(String(data)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
    if (!socket.writable) reject(new Error('closed'));
    socket.write(text);
  });
}
