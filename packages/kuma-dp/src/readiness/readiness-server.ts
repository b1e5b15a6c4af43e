import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DpError } from '../dp-error.ts';
import type { AdminClient } from '../envoy/admin-client.ts';
import { readinessSocketName } from '../work-dir.ts';

/** Answers probes at `/ready`: on a loopback port, and on a Unix socket in the work directory. */
export interface ReadinessServer {
  readonly port: number;
  /** From here on the answer is Envoy's own. */
  follow(admin: AdminClient): void;
  /** From here on the answer is no. */
  terminating(): void;
  close(): void;
}

type State = 'READY' | 'NOT_READY' | 'TERMINATING';

/** @throws DpError when the port is taken */
export async function startReadinessServer(port: number, workDir: string): Promise<ReadinessServer> {
  let admin: AdminClient | undefined;
  let terminating = false;
  const state = async (): Promise<State> => {
    if (terminating) return 'TERMINATING';
    const ready = await admin?.get('/ready').catch(() => undefined);
    return ready?.status === 200 && !terminating ? 'READY' : 'NOT_READY';
  };
  const handler: RequestListener = async (request, response) => {
    if (request.url?.split('?')[0] !== '/ready') {
      response.writeHead(404).end();
      return;
    }
    const current = await state();
    response
      .writeHead(current === 'READY' ? 200 : 503, {
        'content-type': 'text/plain',
        'content-length': current.length,
        'cache-control': 'no-cache, max-age=0',
      })
      .end(current);
  };
  const tcp = await listen(handler, { host: '127.0.0.1', port });
  const unix = await listen(handler, { path: join(workDir, readinessSocketName) });
  return {
    port: (tcp.address() as AddressInfo).port,
    follow(client) {
      admin = client;
    },
    terminating() {
      terminating = true;
    },
    close() {
      for (const server of [tcp, unix]) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function listen(handler: RequestListener, where: { host: string; port: number } | { path: string }): Promise<Server> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, handler);
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const place = 'port' in where ? `port ${where.port}` : where.path;
      const taken = cause.code === 'EADDRINUSE';
      reject(
        new DpError({
          code: 'KUMA_DP_READINESS_PORT',
          message: `The readiness endpoint cannot listen on ${place}: ${taken ? 'it is in use' : cause.message}`,
          hint: 'Set KUMA_READINESS_PORT to a free port; each kuma-dp of a host needs its own. 0 takes any.',
          cause,
        }),
      );
    });
    server.listen(where, () => resolve(server));
  });
}
