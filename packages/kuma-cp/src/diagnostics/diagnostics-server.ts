import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { ServerTls } from '../tls/server-tls.ts';

export interface DiagnosticsOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly tls?: ServerTls | undefined;
  readonly registry: Registry;
  /** Whether all parts are up and none is going down. */
  readonly ready: () => boolean;
}

export interface DiagnosticsServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `/healthy` (the process answers), `/ready` (and serves) and `/metrics`.
 * @throws what `listen` throws, such as EADDRINUSE
 */
export async function startDiagnostics(options: DiagnosticsOptions): Promise<DiagnosticsServer> {
  const answer = answerTo(options);
  const server: Server = options.tls ? createTlsServer(options.tls, answer) : createServer(answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerTo({ registry, ready }: DiagnosticsOptions): RequestListener {
  return async (request, response) => {
    const text = (status: number, body: string, type = 'text/plain; charset=utf-8') =>
      response.writeHead(status, { 'content-type': type }).end(body);
    if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'only GET is served here\n');
    switch (request.url?.split('?')[0]) {
      case '/healthy':
        return text(200, 'ok\n');
      case '/ready':
        return ready() ? text(200, 'ok\n') : text(503, 'not ready: starting or shutting down\n');
      case '/metrics':
        return text(200, await registry.metrics(), registry.contentType);
      default:
        return text(404, 'not found; served here: /healthy, /ready, /metrics\n');
    }
  };
}
