import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import tls from 'node:tls';
import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { describe, expect, test, vi } from 'vitest';
import { deltaClient, testNode } from '../stream/testing/ads-client.ts';
import { proxyOf } from '../stream/testing/resources.ts';
import { startTestServer, type TestServer } from '../stream/testing/test-server.ts';
import type { HttpHandler } from './http-exchange.ts';

/** Says what it was asked. */
const echo: HttpHandler = async ({ method, path, authority, accept, body }) => ({
  status: 201,
  contentType: 'text/plain',
  body: [method, path, authority, accept, body.toString()].join(' '),
});

interface Answer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: string;
}

function post(over: 'HTTP/1.1' | 'HTTP/2', to: TestServer, path: string, body: string): Promise<Answer> {
  return over === 'HTTP/1.1' ? postHttp1(to, path, body) : postHttp2(to, path, body);
}

describe.each(['HTTP/1.1', 'HTTP/2'] as const)('the data plane port over %s', (over) => {
  test('hands requests to its handler', async () => {
    await using server = await startTestServer({ handler: echo });
    expect(await post(over, server, '/bootstrap?x=y', '{"a":1}')).toEqual({
      status: 201,
      contentType: 'text/plain',
      body: `POST /bootstrap localhost:${server.server.port} application/json {"a":1}`,
    });
  });

  test('refuses a body that is too large', async () => {
    await using server = await startTestServer({ handler: echo, limits: { maxBody: 1_000 } });
    const { status, body } = await post(over, server, '/bootstrap', 'x'.repeat(1_001));
    expect({ status, body }).toEqual({ status: 413, body: 'the request body is larger than 1000 bytes\n' });
    expect((await post(over, server, '/bootstrap', 'x'.repeat(1_000))).status).toBe(201);
  });

  test('gives up on a request that does not end', async () => {
    await using server = await startTestServer({ handler: echo, limits: { requestTimeout: 50 } });
    await expect(neverEnding(over, server)).rejects.toThrow();
  });
});

test('serves bootstrap and gRPC on one HTTP/2 connection', async () => {
  await using server = await startTestServer({ handler: echo });
  const session = await connectHttp2(server);
  expect(await exchange(session, { ':method': 'POST', ':path': '/bootstrap' }, 'a')).toMatchObject({ status: 201 });
  const headers = { ':method': 'POST', ':path': '/no.such.Service/Method', 'content-type': 'application/grpc', te: 'trailers' };
  const stream = session.request(headers);
  const [response] = await once(stream, 'response');
  expect(response['grpc-status']).toBe('12');
  session.destroy();
});

test('a client without ALPN is served over HTTP/1.1', async () => {
  await using server = await startTestServer({ handler: echo });
  const socket = tls.connect({ port: server.server.port, host: '127.0.0.1', ca: server.certificate, servername: 'localhost' });
  await once(socket, 'secureConnect');
  socket.write('GET /path HTTP/1.1\r\nHost: h\r\n\r\n');
  expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 201 /);
  socket.destroy();
});

test('a client that connects and says nothing is sent away', async () => {
  await using server = await startTestServer({ limits: { requestTimeout: 50, idleTimeout: 50, handshakeTimeout: 50 } });
  for (const ALPNProtocols of [['http/1.1'], ['h2'], undefined]) {
    const socket = tls.connect({
      port: server.server.port,
      host: '127.0.0.1',
      ca: server.certificate,
      servername: 'localhost',
      ...(ALPNProtocols && { ALPNProtocols }),
    });
    socket.resume();
    await once(socket, 'secureConnect');
    await once(socket, 'close');
  }
});

test('a client with another protocol than ours, or an old TLS, does not get in', async () => {
  await using server = await startTestServer();
  const attempt = async (options: tls.ConnectionOptions): Promise<string> => {
    const socket = tls.connect({ port: server.server.port, host: '127.0.0.1', ca: server.certificate, ...options });
    const error = new Promise<string>((resolve) => socket.once('error', ({ message }) => resolve(message)));
    return Promise.race([error, once(socket, 'secureConnect').then(() => 'connected')]);
  };
  expect(await attempt({ ALPNProtocols: ['spdy/3'] })).toMatch(/alert/);
  expect(await attempt({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).toMatch(/alert|version/);
});

test.skipIf(process.platform !== 'linux')('the system looks whether the host of a silent peer is there', async () => {
  await using server = await startTestServer();
  const session = await connectHttp2(server);
  const { localPort, remotePort } = session.socket;
  await vi.waitFor(() => expect(timerOf(remotePort!, localPort!)).toBe('keepalive'));
  session.destroy();
});

/** What the system waits for on a connection, by the ports of its ends. Linux. */
function timerOf(local: number, remote: number): 'keepalive' | 'something else' | undefined {
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(1));
  const portIn = (address = '') => Number.parseInt(address.split(':')[1] ?? '', 16);
  for (const row of rows) {
    const [, from, to, , , timer] = row.trim().split(/\s+/);
    if (portIn(from) === local && portIn(to) === remote) return timer?.startsWith('02:') ? 'keepalive' : 'something else';
  }
  return undefined;
}

test('accepts an offer of health checks and lets it wait', async () => {
  await using server = await startTestServer();
  const session = await connectHttp2(server);
  const stream = session.request({
    ':method': 'POST',
    ':path': '/envoy.service.health.v3.HealthDiscoveryService/StreamHealthCheck',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const [response] = await once(stream, 'response');
  expect(response).toMatchObject({ ':status': 200 });
  expect(response['grpc-status']).toBeUndefined();
  const trailers = once(stream.resume(), 'trailers');
  stream.end();
  await server.server.close(5_000);
  expect((await trailers)[0]).toMatchObject({ 'grpc-status': '14' });
  session.destroy();
});

test('a port that is in use is said to be', async () => {
  await using server = await startTestServer();
  await expect(startTestServer({ port: server.server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('closing ends streams, idle connections and those that hang', async () => {
  const server = await startTestServer({ handler: echo });
  server.sessions.initial = proxyOf();
  await using client = deltaClient(server);
  client.send({ node: testNode, typeUrl: typeUrls.cluster });
  await client.next();
  const idle = tls.connect({ port: server.server.port, host: '127.0.0.1', ca: server.certificate, servername: 'localhost' });
  idle.resume();
  await once(idle, 'secureConnect');
  const busy = await connectHttp2(server);
  await exchange(busy, { ':method': 'POST', ':path': '/' }, 'a');
  const goaway = once(busy, 'goaway');
  const gone = Promise.all([once(idle, 'close'), once(busy, 'close'), goaway]);
  await server.server.close(100);
  await client.ended();
  await gone;
});

function postHttp1({ server, certificate }: TestServer, path: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = https.request(
      {
        host: 'localhost',
        port: server.port,
        ca: certificate,
        agent: false,
        method: 'POST',
        path,
        headers: { accept: 'application/json' },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode!, contentType: response.headers['content-type'], body: text }),
        );
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

async function postHttp2(to: TestServer, path: string, body: string): Promise<Answer> {
  const session = await connectHttp2(to);
  try {
    return await exchange(session, { ':method': 'POST', ':path': path, accept: 'application/json' }, body);
  } finally {
    session.destroy();
  }
}

async function connectHttp2({ server, certificate }: TestServer): Promise<http2.ClientHttp2Session> {
  const session = http2.connect(`https://localhost:${server.port}`, { ca: certificate });
  session.on('error', () => {});
  await once(session, 'connect');
  return session;
}

function exchange(session: http2.ClientHttp2Session, headers: http2.OutgoingHttpHeaders, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers);
    let text = '';
    let head: http2.IncomingHttpHeaders = {};
    stream.on('response', (received) => {
      head = received;
    });
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    stream.on('end', () => resolve({ status: Number(head[':status']), contentType: head['content-type'], body: text }));
    stream.on('error', reject);
    stream.end(body);
  });
}

async function neverEnding(over: 'HTTP/1.1' | 'HTTP/2', to: TestServer): Promise<void> {
  if (over === 'HTTP/2') {
    const session = await connectHttp2(to);
    const stream = session.request({ ':method': 'POST', ':path': '/bootstrap' });
    stream.write('x');
    await new Promise<void>((resolve, reject) => {
      stream.once('response', () => resolve());
      stream.once('close', () => reject(new Error('the stream was closed')));
    });
    return;
  }
  const call = https.request({ host: 'localhost', port: to.server.port, ca: to.certificate, agent: false, method: 'POST' });
  call.write('x');
  await once(call, 'response');
}
