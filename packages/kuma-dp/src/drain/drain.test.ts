import { once } from 'node:events';
import { Agent, createServer as createHttpServer, request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type BootstrapServer, startBootstrapServer } from '../testing/bootstrap-server.ts';
import { freePort } from '../testing/free-port.ts';
import { envoyArgs, isAlive, type RunningDp, startKumaDp } from '../testing/kuma-dp.ts';
import { type StaticListener, staticBootstrap } from '../testing/static-bootstrap.ts';
import { until } from '../testing/until.ts';

/** An application, a control plane that knows `/drain`, and a sidecar that is ready. */
async function sidecar(
  protocol: StaticListener['protocol'],
  servicePort: number,
  { drainTime = '20s', drainStatus = 200 }: { readonly drainTime?: string; readonly drainStatus?: number } = {},
): Promise<
  {
    readonly cp: BootstrapServer;
    readonly dp: RunningDp;
    readonly port: number;
    readonly readinessPort: number;
  } & AsyncDisposable
> {
  await using stack = new AsyncDisposableStack();
  const port = await freePort();
  const cp = stack.use(
    await startBootstrapServer({
      drainStatus,
      answer: (asked) => ({ status: 200, bootstrap: staticBootstrap(asked, [{ protocol, port, servicePort }]) }),
    }),
  );
  const args = ['--name', 'web-1', '--mesh', 'default', '--cp-address', cp.url, '--skip-verify', '--dataplane-token', 'a.b.c'];
  const dp = stack.use(startKumaDp([...args, '--drain-time', drainTime, ...(await envoyArgs())]));
  const { readinessPort } = await dp.envoyStarted();
  await until('readiness', async () => (await fetch(`http://127.0.0.1:${readinessPort}/ready`)).ok);
  const kept = stack.move();
  return { cp, dp, port, readinessPort, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function httpApplication(onRequest: () => Promise<void> | void): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createHttpServer(async (_request, response) => {
    await onRequest();
    response.end('hello');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** One request, over a connection that the agent keeps for the next. */
function ask(
  agent: Agent,
  port: number,
): Promise<{ readonly status: number; readonly connection: string; readonly body: string }> {
  return new Promise((resolve, reject) => {
    request({ agent, port, host: '127.0.0.1' }, async (response) =>
      resolve({ status: response.statusCode!, connection: response.headers.connection ?? '', body: await text(response) }),
    )
      .on('error', reject)
      .end();
  });
}

describe('a drain', () => {
  it('lets a request in flight end, asks its client to leave, and ends Envoy once nobody is left', async () => {
    const release = Promise.withResolvers<void>();
    let inFlight = false;
    await using app = await httpApplication(async () => {
      inFlight = true;
      await release.promise;
    });
    await using side = await sidecar('http', app.port);
    const { pid } = await side.dp.envoyStarted();
    const agent = new Agent({ keepAlive: true });
    const answer = ask(agent, side.port);
    await until('the request at the application', () => inFlight);
    side.dp.kill('SIGTERM');
    await until('the drain', () => side.cp.farewells.length > 0);
    expect(side.cp.farewells[0]).toEqual({ mesh: 'default', name: 'web-1', dataplaneToken: 'a.b.c' });
    const probe = await fetch(`http://127.0.0.1:${side.readinessPort}/ready`);
    expect([probe.status, await probe.text()]).toEqual([503, 'TERMINATING']);
    expect(await isAlive(pid)).toBe(true);
    await until('Envoy to ask clients to leave', () => side.dp.log().includes('Clients are asked to leave'));
    release.resolve();
    expect(await answer).toEqual({ status: 200, connection: 'close', body: 'hello' });
    expect(await side.dp.exited).toEqual({ code: 0, signal: null });
    expect(side.dp.log()).toContain('All connections have ended');
    agent.destroy();
  });

  it('fails no request of clients that call on until they have heard of it', async () => {
    await using app = await httpApplication(() => {});
    await using side = await sidecar('http', app.port);
    let answered = 0;
    let calling = true;
    const client = async (): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      while (calling) {
        expect(await ask(agent, side.port)).toMatchObject({ status: 200, body: 'hello' });
        answered++;
      }
      agent.destroy();
    };
    const clients = Promise.all(Array.from({ length: 8 }, client));
    await until('traffic', () => answered > 100);
    side.dp.kill('SIGTERM');
    await until('the drain', () => side.cp.farewells.length > 0);
    const before = answered;
    await until('calls of those who have not heard', () => answered > before + 500);
    calling = false;
    await clients;
    expect(await side.dp.exited).toEqual({ code: 0, signal: null });
  });

  it('waits for open TCP connections to end', async () => {
    await using app = await tcpEcho();
    await using side = await sidecar('tcp', app.port);
    const client = connect(side.port, '127.0.0.1');
    expect(await echo(client, 'before')).toBe('before');
    side.dp.kill('SIGTERM');
    await until('the drain', () => side.cp.farewells.length > 0);
    expect(await echo(client, 'during')).toBe('during');
    const late = connect(side.port, '127.0.0.1');
    expect(await echo(late, 'late')).toBe('late');
    late.end();
    client.end();
    expect(await side.dp.exited).toEqual({ code: 0, signal: null });
    expect(side.dp.log()).toContain('All connections have ended');
  });

  it('ends connections that outlast the drain time', async () => {
    await using app = await tcpEcho();
    await using side = await sidecar('tcp', app.port, { drainTime: '1s' });
    const client = connect(side.port, '127.0.0.1').on('error', () => {});
    expect(await echo(client, 'before')).toBe('before');
    side.dp.kill('SIGTERM');
    expect(await side.dp.exited).toEqual({ code: 0, signal: null });
    expect(side.dp.log()).toMatch(/"level":"warn".*"connections":1.*The drain time is over/);
  });

  it('goes without a control plane that knows no drain', async () => {
    await using app = await httpApplication(() => {});
    await using side = await sidecar('http', app.port, { drainTime: '1s', drainStatus: 404 });
    side.dp.kill('SIGTERM');
    expect(await side.dp.exited).toEqual({ code: 0, signal: null });
  });

  it('goes without a control plane that is away', async () => {
    await using app = await httpApplication(() => {});
    await using side = await sidecar('http', app.port, { drainTime: '1s' });
    await side.cp[Symbol.asyncDispose]();
    side.dp.kill('SIGTERM');
    expect(await side.dp.exited).toEqual({ code: 0, signal: null });
    expect(side.dp.log()).toContain('The control plane cannot be told of the drain');
  });

  it('ends with 0 when a service manager signals Envoy too, and says how to prevent that', async () => {
    await using app = await tcpEcho();
    await using side = await sidecar('tcp', app.port);
    const { pid } = await side.dp.envoyStarted();
    const client = connect(side.port, '127.0.0.1').on('error', () => {});
    expect(await echo(client, 'before')).toBe('before');
    side.dp.kill('SIGTERM');
    await side.dp.logged(/"Draining"/);
    process.kill(pid, 'SIGTERM');
    expect(await side.dp.exited).toEqual({ code: 0, signal: null });
    expect(side.dp.log()).toContain('KillMode=mixed');
  });
});

async function tcpEcho(): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function echo(socket: Socket, word: string): Promise<string> {
  socket.write(word);
  const [chunk] = await once(socket, 'data');
  return String(chunk);
}
