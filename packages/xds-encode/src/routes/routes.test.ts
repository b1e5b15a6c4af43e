/** What routes do to requests, seen from both ends of a real Envoy. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ir } from '../../cases/http-routes/ir.ts';
import { encodeProxy } from '../index.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import { envoy } from '../testing/envoy.ts';
import { freePort } from '../testing/free-port.ts';
import { RunningEnvoy } from '../testing/running-envoy.ts';

interface Answer {
  readonly status: number | undefined;
  readonly location?: string | undefined;
  /** The path that the backend saw. */
  readonly path?: string;
  /** The headers that the backend saw. */
  readonly headers: Readonly<Record<string, string>>;
  readonly by: string | string[] | undefined;
}

describe.skipIf(!envoy.path)(`routes${envoy.path ? '' : ` (${envoy.missing})`}`, () => {
  let port: number;

  beforeAll(async () => {
    const backend = createServer(({ url, headers }, response) => response.end(JSON.stringify({ path: url, headers })));
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
    port = await freePort();
    const controlPlane = await ControlPlane.start(encodeProxy(calling((backend.address() as AddressInfo).port, port)));
    const running = await RunningEnvoy.start(controlPlane.port);
    await vi.waitFor(() => ask(port, '/'), { timeout: 10_000, interval: 20 });
    expect(controlPlane.rejections).toEqual([]);
    return async () => {
      await running[Symbol.asyncDispose]();
      await controlPlane[Symbol.asyncDispose]();
      backend.close();
    };
  });

  it.each([
    ['/foo', '/bar'],
    ['/foo/', '/bar/'],
    ['/foo/x?q=1', '/bar/x?q=1'],
    ['/foobar', '/rest/foobar'],
    ['/away.d', '/'],
    ['/away.d/x', '/x'],
    ['/awayxd/x', '/rest/awayxd/x'],
    ['/full/x/y?q=1', '/all\\1?q=1'],
    ['/exact', '/exact'],
    ['/exact/', '/rest/exact/'],
    ['/re/12', '/re/12'],
    ['/re/12/3', '/rest/re/12/3'],
    ['/', '/rest/'],
    ['/a/../b', '/rest/b'],
  ])('%s reaches the backend as %s', async (asked, seen) => {
    expect(await ask(port, asked)).toMatchObject({ status: 200, path: seen });
  });

  it.each([
    ['/old', 301, 'http://new.example/new'],
    ['/old/x?q=1', 301, 'http://new.example/new/x?q=1'],
    ['/gone/x', 308, 'https://backend.mesh:8443/x'],
    ['/gone', 308, 'https://backend.mesh:8443/'],
    ['/entirely/x', 303, 'http://backend.mesh/there'],
  ])('%s is redirected with %i to %s', async (asked, status, location) => {
    expect(await ask(port, asked)).toMatchObject({ status, location });
  });

  it('asks for all of several conditions', async () => {
    const all = { 'x-exact': 'a', 'x-prefix': 'bcd', 'x-regex': 'cat', 'x-present': '' };
    const path = '/matches?exact=yes&regex=yes';
    expect(await ask(port, path, all)).toMatchObject({ path });
    expect(await ask(port, path, { ...all, 'x-absent': '' })).toMatchObject({ path: `/rest${path}` });
    expect(await ask(port, path, { ...all, 'x-regex': 'dog' })).toMatchObject({ path: `/rest${path}` });
    expect(await ask(port, '/matches?exact=yes', all)).toMatchObject({ path: '/rest/matches?exact=yes' });
  });

  it('sets, adds and removes headers, whatever is in them', async () => {
    const answer = await ask(port, '/headers', { 'x-set': 'old', 'x-add': 'some', 'x-remove': 'me' });
    expect(answer.headers).toMatchObject({ 'x-set': '100%', 'x-add': 'some, more', 'x-format': 'so of 100%' });
    expect(answer.headers).not.toHaveProperty('x-remove');
    expect(answer.by).toBe('mesh');
  });

  it('rewrites the host', async () => {
    expect((await ask(port, '/host')).headers.host).toBe('other.example');
  });

  it('answers 500 where no backend takes traffic', async () => {
    expect(await ask(port, '/nobody')).toMatchObject({ status: 500 });
  });

  it('takes a host with a port for the same host, and no other', async () => {
    expect(await ask(port, '/exact', { host: 'a.backend.mesh:8080' })).toMatchObject({ status: 200 });
    expect(await ask(port, '/exact', { host: 'elsewhere.mesh' })).toMatchObject({ status: 404 });
  });
});

function calling(backendPort: number, port: number): ProxyIr {
  const address = { address: '127.0.0.1', port: backendPort };
  return {
    ...ir,
    listeners: ir.listeners.map((listener) => ({ ...listener, address: { address: '127.0.0.1', port } })),
    // Straight to the application: there is no other proxy in between that would speak HTTP/2.
    clusters: ir.clusters.map((cluster) => ({ ...cluster, role: 'application', discovery: { kind: 'static', address } })),
  };
}

function ask(port: number, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers: { host: 'backend.mesh', ...headers } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part) => {
        body += part;
      });
      response.on('end', () => {
        const seen = body.startsWith('{') ? JSON.parse(body) : { headers: {} };
        resolve({ status: response.statusCode, location: response.headers.location, by: response.headers['x-by'], ...seen });
      });
    })
      .on('error', reject)
      .end();
  });
}
