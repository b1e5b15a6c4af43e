import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import type { ServerTls } from '../tls/server-tls.ts';
import type { MonitoringAssignments } from './assignments.ts';
import { addMonitoringService } from './grpc-service.ts';
import { answerHttp } from './http-handler.ts';

export interface MadsOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly tls?: ServerTls | undefined;
  readonly assignments: MonitoringAssignments;
  /** Milliseconds to wait for news where a request does not say how long. */
  readonly fetchTimeout: number;
  readonly log: Logger;
}

export interface MadsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** The best first: HTTP/2 is for gRPC alone, whose clients offer nothing else, while Prometheus offers both. */
const ALPNProtocols = ['http/1.1', 'h2'];

/** How every HTTP/2 connection begins. */
const http2Preface = Buffer.from('PRI * HTTP/2.0');

/**
 * Tells Prometheus what to scrape (MADS), over HTTP/1.1 and gRPC on one port.
 * @throws what `listen` throws, such as EADDRINUSE
 */
export async function startMadsServer({ port, tls, assignments, fetchTimeout, log }: MadsOptions): Promise<MadsServer> {
  const closing = new AbortController();
  const http = createHttpServer((request, response) => {
    answerHttp(request, response, { assignments, fetchTimeout, closing: closing.signal }).catch((err: Error) => {
      log.debug({ err }, 'a client of monitoring assignments went away');
      response.destroy();
    });
  });
  const grpc = new GrpcServer({ 'grpc.enable_channelz': 0 });
  addMonitoringService(grpc, assignments, log);
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    firstBytes(socket, (isHttp2) => (isHttp2 ? injector.injectConnection(socket) : http.emit('connection', socket)));
  };
  const server = tls ? createTlsServer({ ...tls, ALPNProtocols }, accept) : createServer(accept);
  await listen(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      closing.abort();
      injector.destroy();
      grpc.forceShutdown();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Those who wait are told that there is no news, on the next turn.
      setImmediate(() => {
        for (const socket of sockets) socket.destroySoon();
      });
      return closed;
    },
  };
}

/** Milliseconds. */
const timeToBegin = 10_000;

/** Looks at how a connection begins, and leaves what it saw to whoever serves it. */
function firstBytes(socket: Socket, serve: (isHttp2: boolean) => void): void {
  const seen: Buffer[] = [];
  socket.setTimeout(timeToBegin, () => socket.destroy());
  const look = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    seen.push(chunk);
    const start = Buffer.concat(seen);
    const length = Math.min(start.length, http2Preface.length);
    const undecided = start.subarray(0, length).equals(http2Preface.subarray(0, length)) && length < http2Preface.length;
    if (undecided) return;
    socket.off('readable', look);
    socket.setTimeout(0).removeAllListeners('timeout');
    socket.unshift(start);
    serve(length === http2Preface.length && start.subarray(0, length).equals(http2Preface));
  };
  socket.on('readable', look);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
