import { once } from 'node:events';
import { Agent, createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type EncodedProxy, typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { describe, expect, test } from 'vitest';
import { freePort } from './testing/free-port.ts';
import type { MemorySession } from './testing/memory-sessions.ts';
import { envoy, type RealEnvoy, startEnvoy } from './testing/real-envoy.ts';
import { cluster, endpoints, httpListener, proxyOf, resource, route, tcpListener } from './testing/resources.ts';
import { startTestServer } from './testing/test-server.ts';

describe.skipIf(envoy.missing).each(['DELTA_GRPC', 'GRPC'] as const)(
  `a real Envoy over %s${envoy.missing ? ` (${envoy.missing})` : ''}`,
  { timeout: 20_000 },
  (form) => {
    test('takes clusters, endpoints, listeners and routes, and their changes', async () => {
      await using server = await startTestServer();
      await using one = await startApp('one');
      await using two = await startApp('two');
      const port = await freePort();
      const listener = httpListener('out', port, 'r');
      server.sessions.initial = proxyOf(cluster('a'), endpoints('a', one.port), listener, route('r', 'a'));
      await using real = await startEnvoy(server, { form });
      const session = await server.sessions.nth(0);
      await taken(session, typeUrls.route);
      expect(await ask(port)).toBe('200 one');

      session.config = proxyOf(cluster('a'), endpoints('a', two.port), listener, route('r', 'a'));
      await taken(session, typeUrls.endpoints, 2);
      expect(await ask(port)).toBe('200 two');
      expect(refusals(session, real)).toEqual([]);
    });

    test('uses a changed cluster at once: it does not wait for endpoints that have not changed', async () => {
      await using server = await startTestServer();
      await using app = await startApp('app');
      const port = await freePort();
      const rest = [endpoints('a', app.port), httpListener('out', port, 'r'), route('r', 'a')];
      server.sessions.initial = proxyOf(cluster('a'), ...rest);
      await using real = await startEnvoy(server, { form });
      const session = await server.sessions.nth(0);
      await taken(session, typeUrls.route);
      const before = performance.now();
      session.config = proxyOf(cluster('a', { connectTimeout: '7s' }), ...rest);
      await expect
        .poll(() => real.admin('/config_dump?resource=dynamic_active_clusters'), { timeout: 12_000 })
        .toContain('"connect_timeout": "7s"');
      // Without its endpoints Envoy gives up after 15 seconds and goes on with those it had.
      expect(performance.now() - before).toBeLessThan(10_000);
      expect(await real.admin('/config_dump?resource=dynamic_warming_clusters')).not.toContain('"name"');
    });

    test('uses a new cluster at once whose endpoints another one has', async () => {
      await using server = await startTestServer();
      await using app = await startApp('app');
      const port = await freePort();
      const rest = [cluster('a'), endpoints('a', app.port), httpListener('out', port, 'r')];
      server.sessions.initial = proxyOf(...rest, route('r', 'a'));
      await using real = await startEnvoy(server, { form });
      const session = await server.sessions.nth(0);
      await taken(session, typeUrls.route);
      const edsConfig = { resourceApiVersion: 'V3', ads: {} };
      const second = cluster('second', { edsClusterConfig: { edsConfig, serviceName: 'a' } });
      const before = performance.now();
      session.config = proxyOf(...rest, second, route('r', 'second'));
      await until(async () => (await real.admin('/stats?filter=^cluster.second.upstream_rq_total')).includes('total: 0'));
      await until(async () => {
        expect(await ask(port)).toBe('200 app');
        return !(await real.admin('/stats?filter=^cluster.second.upstream_rq_total')).includes('total: 0');
      });
      // Envoy waits for endpoints of which it hears nothing for 15 seconds.
      expect(performance.now() - before).toBeLessThan(10_000);
    });

    test('uses at once what changed of clusters while the control plane was away', async () => {
      const first = await startTestServer();
      await using app = await startApp('app');
      const port = await freePort();
      const rest = [endpoints('a', app.port), endpoints('b', app.port), httpListener('out', port, 'r')];
      first.sessions.initial = proxyOf(cluster('a'), ...rest, route('r', 'a'));
      await using real = await startEnvoy(first, { form });
      await taken(await first.sessions.nth(0), typeUrls.route);
      await first.server.close(1_000);
      await using second = await startTestServer({ port: first.server.port });
      second.sessions.initial = proxyOf(cluster('a', { connectTimeout: '7s' }), cluster('b'), ...rest, route('r', 'b'));
      await second.sessions.nth(0);
      const before = performance.now();
      await until(async () => {
        expect(await ask(port)).toBe('200 app');
        return (await real.admin('/config_dump?resource=dynamic_route_configs')).includes('"cluster": "b"');
      });
      expect(await real.admin('/config_dump?resource=dynamic_active_clusters')).toContain('"connect_timeout": "7s"');
      expect(performance.now() - before).toBeLessThan(10_000);
    });

    test('never loses the endpoints of a cluster that changes over and over, be it told by another control plane', async () => {
      const first = await startTestServer();
      await using one = await startApp('one');
      await using two = await startApp('two');
      const port = await freePort();
      const config = (round: number): EncodedProxy =>
        proxyOf(
          cluster('a', { connectTimeout: `${round + 1}s` }),
          endpoints('a', round % 4 < 2 ? one.port : two.port),
          httpListener('out', port, 'r'),
          route('r', 'a'),
        );
      first.sessions.initial = config(0);
      await using real = await startEnvoy(first, { form });
      const session = await first.sessions.nth(0);
      await taken(session, typeUrls.route);
      const answers = new Set<string>();
      const load = new AbortController();
      const loading = (async () => {
        while (!load.signal.aborted) answers.add(await ask(port));
      })();
      const isTaken = (round: number) =>
        until(async () => {
          const active = await real.admin('/config_dump?resource=dynamic_active_clusters');
          return active.includes(`"connect_timeout": "${round + 1}s"`);
        });
      for (let round = 1; round <= 20; round += 1) {
        session.config = config(round);
        if (round % 2) await isTaken(round);
      }
      await first.server.close(1_000);
      await using second = await startTestServer({ port: first.server.port });
      second.sessions.initial = config(21);
      await isTaken(21);
      load.abort();
      await loading;
      expect([...answers].sort()).toEqual(['200 one', '200 two']);
      const remembered = await real.admin('/stats?usedonly&filter=^cluster.a.assignment_use_cached');
      expect(remembered.includes('assignment_use_cached')).toBe(form === 'DELTA_GRPC');
    });

    test('a cluster whose endpoints it has not probed for long holds up neither routes nor its own next change', async () => {
      await using server = await startTestServer({ limits: { clustersWithin: { changed: 500, new: 500 } } });
      await using app = await startApp('app');
      await using other = await startApp('other');
      const port = await freePort();
      const rest = [cluster('b'), endpoints('a', app.port), endpoints('b', other.port), httpListener('out', port, 'r')];
      server.sessions.initial = proxyOf(cluster('a'), ...rest, route('r', 'a'));
      await using real = await startEnvoy(server, { form });
      const session = await server.sessions.nth(0);
      await taken(session, typeUrls.route);
      const probe = { timeout: '1s', interval: '1s', unhealthyThreshold: 1, healthyThreshold: 1, tcpHealthCheck: {} };
      const probedLate = cluster('a', { healthChecks: [{ ...probe, initialJitter: '86400s' }] });
      session.config = proxyOf(probedLate, ...rest, route('r', 'b'));
      await until(async () => (await ask(port)) === '200 other');
      session.config = proxyOf(cluster('a', { connectTimeout: '7s' }), ...rest, route('r', 'a'));
      await until(async () =>
        (await real.admin('/config_dump?resource=dynamic_active_clusters')).includes('"connect_timeout": "7s"'),
      );
      await until(async () => (await ask(port)) === '200 app');
      await session.until((told) => told.kind === 'acknowledged' && told.names.length === 1 && told.names[0] === 'a');
      expect(refusals(session, real)).toEqual([]);
    });

    test('moves to a new cluster without a failed request', async () => {
      await using server = await startTestServer();
      await using one = await startApp('one');
      await using two = await startApp('two');
      const port = await freePort();
      const config = (name: string, app: App, statPrefix: string): EncodedProxy =>
        proxyOf(cluster(name), endpoints(name, app.port), httpListener('out', port, 'r', statPrefix), route('r', name));
      server.sessions.initial = config('c0', one, 's0');
      await using real = await startEnvoy(server, { form });
      const session = await server.sessions.nth(0);
      await taken(session, typeUrls.route);
      const answers = new Set<string>();
      let load = true;
      const loading = (async () => {
        while (load) {
          answers.add(await ask(port));
        }
      })();
      for (let round = 1; round <= 5; round += 1) {
        session.config = config(`c${round}`, round % 2 ? two : one, 's0');
        await until(async () => {
          const clusters = await real.admin('/clusters');
          return clusters.includes(`c${round}::`) && !clusters.includes(`c${round - 1}::`);
        });
      }
      load = false;
      await loading;
      expect([...answers].sort()).toEqual(['200 one', '200 two']);
      expect(refusals(session, real)).toEqual([]);
    });

    test('goes to and fro between clusters, faster than it takes them, without a failed request', async () => {
      await using server = await startTestServer();
      await using app = await startApp('app');
      const port = await freePort();
      const config = (name: string): EncodedProxy =>
        proxyOf(cluster(name), endpoints(name, app.port), httpListener('out', port, 'r', 's'), route('r', name));
      server.sessions.initial = config('c0');
      await using real = await startEnvoy(server, { form });
      const session = await server.sessions.nth(0);
      await taken(session, typeUrls.route);
      const answers = new Set<string>();
      for (let round = 1; round <= 150; round += 1) {
        session.config = config(`c${round % 3}`);
        if (round % 2 === 0) answers.add(await ask(port));
      }
      expect([...answers]).toEqual(['200 app']);
      expect(refusals(session, real)).toEqual([]);
    });

    test('keeps the accepted version of a listener that it refuses, and takes the others', async () => {
      await using server = await startTestServer();
      await using app = await startApp('app');
      const [port, other] = [await freePort(), await freePort()];
      const base = [cluster('a'), endpoints('a', app.port)];
      server.sessions.initial = proxyOf(...base, httpListener('out', port, 'r'), route('r', 'a'));
      await using _real = await startEnvoy(server, { form });
      const session = await server.sessions.nth(0);
      await taken(session, typeUrls.route);

      const inUse = server.server.port;
      session.config = proxyOf(
        ...base,
        tcpListener('out', inUse, 'a'),
        httpListener('other', other, 'r'),
        tcpListener('taken', inUse, 'a'),
        route('r', 'a'),
      );
      await until(() => session.told.flatMap((told) => (told.kind === 'rejected' ? told.names : [])).length === 2);
      await session.until((told) => told.kind === 'acknowledged' && told.names.includes('other'));
      expect(session.told.filter((told) => told.kind === 'rejected')).toEqual([
        expect.objectContaining({ typeUrl: typeUrls.listener, names: ['out', 'taken'] }),
      ]);
      expect(await ask(port)).toBe('200 app');
      expect(await ask(other)).toBe('200 app');

      const better = await freePort();
      session.config = proxyOf(...base, httpListener('out', better, 'r'), httpListener('other', other, 'r'), route('r', 'a'));
      await session.until((told) => told.kind === 'acknowledged' && told.names.includes('out'), session.told.length);
      expect(await ask(better)).toBe('200 app');
    });

    test('goes on with routes whose change it refuses, to the clusters that these need', async () => {
      await using server = await startTestServer();
      await using app = await startApp('app');
      const port = await freePort();
      const listener = httpListener('out', port, 'r');
      server.sessions.initial = proxyOf(cluster('a'), endpoints('a', app.port), listener, route('r', 'a'));
      await using real = await startEnvoy(server, { form });
      const session = await server.sessions.nth(0);
      await taken(session, typeUrls.route);
      const withoutDomains = { name: 'r', virtualHosts: [{ name: 'all' }] };
      session.config = proxyOf(cluster('b'), endpoints('b', app.port), listener, resource(typeUrls.route, 'r', withoutDomains));
      await session.until((told) => told.kind === 'rejected' && told.names.includes('r'));
      // Whatever is still to be said of clusters has been said when this has been taken.
      session.config = proxyOf(cluster('c'), endpoints('c', app.port), listener, resource(typeUrls.route, 'r', withoutDomains));
      await session.until((told) => told.kind === 'acknowledged' && told.names.includes('c'));
      expect(await ask(port)).toBe('200 app');
      session.config = proxyOf(cluster('c'), endpoints('c', app.port), listener, route('r', 'c'));
      await until(async () => !(await real.admin('/clusters')).includes('a::'));
      expect(await ask(port)).toBe('200 app');
    });

    test('takes clusters after those that it refuses half made, which it would wait for', async () => {
      await using server = await startTestServer();
      await using app = await startApp('app');
      const [port, later] = [await freePort(), await freePort()];
      const base = [endpoints('a', app.port), httpListener('out', port, 'r'), route('r', 'a')];
      server.sessions.initial = proxyOf(cluster('a'), ...base);
      await using _real = await startEnvoy(server, { form });
      const session = await server.sessions.nth(0);
      await taken(session, typeUrls.route);

      const impossible = { lbPolicy: 'RING_HASH', ringHashLbConfig: { minimumRingSize: 9_000, maximumRingSize: 10 } };
      session.config = proxyOf(cluster('a', impossible), cluster('new', impossible), ...base);
      await session.until((told) => told.kind === 'rejected' && told.names.length === 2);
      session.config = proxyOf(
        cluster('a'),
        cluster('b'),
        ...base,
        endpoints('b', app.port),
        httpListener('later', later, 's'),
        route('s', 'b'),
      );
      await until(async () => (await ask(later)) === '200 app');
      session.config = proxyOf(cluster('a', { connectTimeout: '2s' }), ...base);
      await session.until((told) => told.kind === 'acknowledged' && told.names.includes('a'), session.told.length);
    });

    test('gives endpoints that cannot be taken up to find the one at fault', async () => {
      await using server = await startTestServer();
      await using app = await startApp('app');
      const port = await freePort();
      const names = ['a', 'b', 'c'];
      const clusters = names.map((name) => cluster(name));
      const rest = [...clusters, httpListener('out', port, 'r'), route('r', 'c')];
      server.sessions.initial = proxyOf(...rest, ...names.map((name) => endpoints(name, app.port)));
      await using _real = await startEnvoy(server, { form });
      const session = await server.sessions.nth(0);
      await taken(session, typeUrls.route);
      await using next = await startApp('next');
      session.config = proxyOf(...rest, endpoints('a', next.port), endpoints('b', 70_000), endpoints('c', next.port));
      await until(() => session.told.some((told) => told.kind === 'rejected' && told.names.includes('b')));
      await until(async () => (await ask(port)) === '200 next');
    });

    test('keeps working while the control plane is away, and is told what it missed when it is back', async () => {
      const first = await startTestServer();
      await using app = await startApp('app');
      await using later = await startApp('later');
      const port = await freePort();
      const config = (app: App): EncodedProxy =>
        proxyOf(cluster('a'), endpoints('a', app.port), httpListener('out', port, 'r'), route('r', 'a'));
      first.sessions.initial = config(app);
      await using _real = await startEnvoy(first, { form });
      await taken(await first.sessions.nth(0), typeUrls.route);
      await first.server.close(1_000);
      expect(await ask(port)).toBe('200 app');

      await using second = await startTestServer({ port: first.server.port });
      second.sessions.initial = config(later);
      await until(async () => (await ask(port)) === '200 later');
      if (form === 'DELTA_GRPC') {
        const session = await second.sessions.nth(0);
        const sent = { kind: 'sent', typeUrl: typeUrls.endpoints, unknownBefore: ['a'] };
        expect(session.told.filter(({ kind }) => kind === 'sent')).toEqual([sent]);
      }
    });
  },
);

interface App extends AsyncDisposable {
  readonly port: number;
}

/** An HTTP server that answers with its name. */
async function startApp(name: string): Promise<App> {
  const server: Server = createServer((_request, response) => response.end(name));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const agent = new Agent({ keepAlive: true });

function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, agent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve(`${response.statusCode} ${body}`));
    }).on('error', (error) => resolve(error.message));
  });
}

/** Waits until Envoy has accepted this many responses of a type. */
async function taken(session: MemorySession, typeUrl: string, times = 1): Promise<void> {
  await until(() => session.told.filter((told) => told.kind === 'acknowledged' && told.typeUrl === typeUrl).length >= times);
}

function refusals(session: MemorySession, real: RealEnvoy): readonly unknown[] {
  return session.told.filter(({ kind }) => kind === 'rejected').map((told) => ({ ...told, log: real.log() }));
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(condition, { timeout: 15_000, interval: 10 }).toBe(true);
}
