/**
 * Instead of a host that redirects connections, clients state where they were going in the PROXY protocol, which a
 * MeshProxyPatch has the listener read: for everything behind that there is no difference.
 */
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { certificateOf } from '../../packages/xds-encode/src/testing/certificates.ts';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { Mesh } from '../../tools/fixtures/mesh.ts';
import { freePorts } from '../../tools/fixtures/ports.ts';
import { type HttpService, startHttpService } from '../../tools/fixtures/services.ts';
import { Sidecar } from '../../tools/fixtures/sidecar.ts';

let mesh: Mesh;
let sidecar: Sidecar;
let redirected: number;
let web: HttpService;
const ports = { greeting: 0, tls: 0 };
const closing: (() => void)[] = [];

beforeAll(async () => {
  mesh = await Mesh.start();
  web = await startHttpService('outside');
  ports.greeting = await listening(createServer((socket) => socket.end('220 hello')));
  const { cert, key } = certificateOf('backend');
  ports.tls = await listening(createTlsServer({ cert, key }, (socket) => socket.end('over TLS')));
  const [inbound, outbound] = (await freePorts(2)) as [number, number];
  redirected = outbound;
  await apply('MeshProxyPatch', 'proxy-protocol', {
    default: {
      appendModifications: [
        {
          listener: {
            operation: 'Patch',
            match: { name: 'outbound:passthrough:ipv4', origin: 'transparent' },
            jsonPatches: [
              { op: 'replace', path: '/address/socketAddress/address', value: '127.0.0.1' },
              // In place of 15 seconds for which it waits for a client to say something.
              { op: 'add', path: '/listenerFiltersTimeout', value: '2s' },
              {
                op: 'add',
                path: '/listenerFilters/0',
                value: {
                  name: 'envoy.filters.listener.proxy_protocol',
                  typedConfig: {
                    '@type': 'type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol',
                  },
                },
              },
            ],
          },
        },
      ],
    },
  });
  const dataplane = JSON.stringify({
    type: 'Dataplane',
    mesh: 'default',
    name: 'web',
    networking: {
      address: '127.0.0.1',
      inbound: [{ port: inbound, servicePort: web.port, tags: { 'kuma.io/service': 'web' } }],
      transparentProxying: { redirectPortOutbound: redirected, ipFamilyMode: 'IPv4' },
    },
  });
  sidecar = await Sidecar.start(mesh.controlPlane, { name: 'web', dataplane });
  await mesh.sidecarReady(sidecar);
});

afterAll(async () => {
  sidecar?.process.kill('SIGKILL');
  await sidecar?.process.exited;
  await mesh?.stop();
  for (const close of closing) close();
  await web?.close();
});

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

function apply(type: string, name: string, spec: object): Promise<string> {
  return mesh.controlPlane.apply(JSON.stringify({ type, mesh: 'default', name, spec }));
}

function passthrough(passthroughMode: string, ...appendMatch: object[]): Promise<string> {
  return apply('MeshPassthrough', 'test', { default: { passthroughMode, appendMatch } });
}

/** A connection that was going to an address and a port when it was redirected. */
function going(port: number, address = '127.0.0.1'): Socket {
  const socket = connect(redirected, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  socket.write(`PROXY TCP4 127.0.0.1 ${address} 40000 ${port}\r\n`);
  return socket;
}

/** All that the other end says until it closes. */
async function said(socket: Socket): Promise<string> {
  return text(socket).catch(() => '');
}

function patience(milliseconds: number): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(new Error('silence')), milliseconds));
}

function request(host: string, port = web.port, address?: string): Promise<string> {
  const socket = going(port, address);
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  return said(socket);
}

function overTls(servername: string): Promise<string> {
  const socket = tlsConnect({ socket: going(ports.tls), servername, rejectUnauthorized: false });
  socket.on('error', () => socket.destroy());
  return said(socket);
}

test('without a policy all passes, unless the mesh says none', async () => {
  await eventually('an answer', async () => expect(await request('any.example')).toContain('x-service: outside'));
  expect(await said(going(ports.greeting))).toBe('220 hello');
  await mesh.controlPlane.apply(
    JSON.stringify({ type: 'Mesh', name: 'default', networking: { outbound: { passthrough: false } } }),
  );
  await eventually('nothing', async () => expect(await request('any.example')).toBe(''));
});

test('a policy lets all pass, or nothing', async () => {
  await passthrough('All');
  await eventually('an answer', async () => expect(await request('any.example')).toContain('x-service: outside'));
  await passthrough('None');
  await eventually('nothing', async () => expect(await said(going(ports.greeting))).toBe(''));
});

test('only what matches passes, and a server may speak first', async () => {
  await passthrough(
    'Matched',
    { type: 'CIDR', value: '127.0.0.0/24', port: ports.greeting, protocol: 'tcp' },
    { type: 'Domain', value: 'localhost', port: web.port, protocol: 'http' },
    { type: 'Domain', value: '*.outside.example', port: ports.tls, protocol: 'tls' },
  );
  await eventually('the greeting', async () => expect(await said(going(ports.greeting))).toBe('220 hello'));
  // The domain is looked up, so that it does not matter where the connection was going.
  await eventually('a request to a domain', async () =>
    expect(await request('localhost', web.port, '127.9.9.9')).toContain('x-service: outside'),
  );
  expect(await request(`localhost:${web.port}`)).toContain('x-service: outside');
  expect(await request('other.example')).toMatch(/^HTTP\/1.1 503 [\s\S]*no MeshPassthrough names it/);
  expect(await overTls('www.outside.example')).toBe('over TLS');
  expect(await overTls('www.elsewhere.example')).toBe('');
  expect(await said(going(ports.greeting, '127.0.1.1'))).toBe('');
  expect(await request('any.example', ports.tls)).toBe('');
});

test('bytes, TLS and requests are told apart at one port', async () => {
  await passthrough(
    'Matched',
    { type: 'IP', value: '127.0.0.1', protocol: 'tls' },
    { type: 'IP', value: '127.0.0.1', protocol: 'http' },
  );
  await eventually('requests to any port', async () => expect(await request('any.example')).toContain('x-service: outside'));
  expect(await overTls('any.example')).toBe('over TLS');
  const socket = going(web.port);
  socket.write('neither the one nor the other\r\n\r\n');
  expect(await said(socket)).toBe('');
});

test('nothing is read at ports where nothing has to be told apart', async () => {
  await passthrough(
    'Matched',
    { type: 'IP', value: '127.0.0.1', protocol: 'tcp' },
    { type: 'Domain', value: '*.outside.example', port: ports.tls, protocol: 'tls' },
  );
  await eventually('the greeting', async () => {
    expect(await Promise.race([said(going(ports.greeting)), patience(1_000)])).toBe('220 hello');
  });
  expect(await said(going(ports.greeting, '127.0.1.1'))).toBe('');
  expect(await overTls('www.outside.example')).toBe('over TLS');
});

test('a server that speaks first at a port where something is read is heard when the client has said nothing for a while', async () => {
  await passthrough(
    'Matched',
    { type: 'CIDR', value: '127.0.0.0/24', protocol: 'tcp', port: ports.greeting },
    { type: 'Domain', value: 'localhost', protocol: 'http' },
    { type: 'Domain', value: '*.outside.example', protocol: 'tls' },
  );
  await eventually('requests being read', async () => expect(await request('other.example')).toMatch(/^HTTP\/1.1 503/));
  expect(await said(going(ports.greeting))).toBe('220 hello');
  expect(await said(going(ports.greeting, '127.0.1.1'))).toBe('');
  expect(await said(going(web.port))).toBe('');
});

test('what domains leave goes by a range of all addresses', async () => {
  await passthrough(
    'Matched',
    { type: 'CIDR', value: '0.0.0.0/0', port: web.port, protocol: 'tcp' },
    { type: 'Domain', value: 'localhost', port: web.port, protocol: 'http' },
    { type: 'CIDR', value: '0.0.0.0/0', port: ports.tls, protocol: 'tls' },
    { type: 'Domain', value: 'localhost', port: ports.tls, protocol: 'tls' },
  );
  await eventually('a request to a domain', async () =>
    expect(await request('localhost', web.port, '127.9.9.9')).toContain('x-service: outside'),
  );
  expect(await request('other.example')).toContain('x-service: outside');
  expect(await overTls('other.example')).toBe('over TLS');
  expect(await overTls('localhost')).toBe('over TLS');
});

test('what goes to places outside is logged with them as external', async () => {
  await passthrough(
    'Matched',
    { type: 'CIDR', value: '127.0.0.0/24', port: ports.greeting, protocol: 'tcp' },
    { type: 'Domain', value: 'localhost', port: web.port, protocol: 'http' },
  );
  const path = join(sidecar.workDir, 'outside.log');
  const line = { type: 'Plain', plain: '%KUMA_SOURCE_SERVICE% to %KUMA_DESTINATION_SERVICE%: %REQ(:PATH)% %RESPONSE_CODE%' };
  const backends = [{ type: 'File', file: { path, format: line } }];
  await apply('MeshAccessLog', 'outside', { to: [{ targetRef: { kind: 'Mesh' }, default: { backends } }] });
  await eventually('lines of a connection and of a request', async () => {
    expect(await said(going(ports.greeting))).toBe('220 hello');
    expect(await request('localhost')).toContain('x-service: outside');
    expect(readFileSync(path, 'utf8').split('\n')).toEqual(
      expect.arrayContaining(['web to external: - 0', 'web to external: / 200']),
    );
  });
  await mesh.controlPlane.kumactl(['delete', 'meshaccesslog', 'outside']);
});

test('a proxy that nothing is redirected to is told that the policy has no effect', async () => {
  await mesh.join({ name: 'other' });
  const rules = await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'other']);
  expect(rules).toMatch(/no networking.transparentProxying/);
});
