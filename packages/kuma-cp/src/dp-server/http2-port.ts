import {
  constants,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { answer, type HttpHandler, pathOf, type RequestLimits } from './http-exchange.ts';
import { writeInPieces } from './write-in-pieces.ts';

export interface Http2PortOptions {
  readonly handler: HttpHandler;
  readonly limits: RequestLimits;
  /** Milliseconds after which a connection on which nothing is heard is pinged, and until one that does not answer ends. */
  readonly keepalive: { readonly interval: number; readonly timeout: number };
  /** A connection on which nothing happens is closed after this many milliseconds. */
  readonly idleTimeout: number;
  /** How long a peer may take to answer when it is asked whether it is alive, in milliseconds. */
  readonly aliveTimeout: number;
}

export interface Http2Port {
  /** Where gRPC services are added. */
  readonly grpc: GrpcServer;
  accept(socket: TLSSocket): void;
  /** Asks the peer of a connection, named as gRPC names peers; one that does not answer in time is cut off. */
  isAlive(peer: string): Promise<boolean>;
  /** Tells peers to go elsewhere; what they still do ends after `grace` milliseconds. */
  drain(grace: number): void;
}

/** HTTP/2 on connections that another server accepted: gRPC goes to grpc-js, other requests to a plain handler. */
export function createHttp2Port({ handler, limits, keepalive, idleTimeout, aliveTimeout }: Http2PortOptions): Http2Port {
  const grpc = new GrpcServer({
    'grpc.max_connection_idle_ms': idleTimeout,
    'grpc.max_concurrent_streams': 16,
    'grpc.max_receive_message_length': 4 * 1024 * 1024,
    'grpc.max_send_message_length': -1,
    'grpc.enable_channelz': 0,
  });
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const http2 = http2ServerOf(grpc);
  const connections = new Map<string, Connection>();
  http2.on('session', (session: ServerHttp2Session) => {
    const connection = connections.get(peerOf(session.socket));
    if (connection) {
      connection.session = session;
    }
    session.on('error', () => session.destroy());
  });
  routePlainRequests(http2, (stream, headers) => void exchange(stream, headers, { handler, limits }));

  const sweeping = setInterval(() => sweep(connections.values(), keepalive), keepalive.interval / sweepsWithinInterval);
  sweeping.unref();

  return {
    grpc,
    accept(socket) {
      const peer = peerOf(socket);
      connections.set(peer, { socket, finished: false, bytesRead: 0, heard: performance.now() });
      socket.once('close', () => connections.delete(peer));
      injector.injectConnection(socket);
    },
    isAlive: (peer) => ping(connections.get(peer), aliveTimeout),
    drain(grace) {
      clearInterval(sweeping);
      injector.drain(grace);
      injector.destroy();
    },
  };
}

interface Connection {
  readonly socket: TLSSocket;
  session?: ServerHttp2Session;
  /** The session was over when last looked at. */
  finished: boolean;
  /** When last looked at. */
  bytesRead: number;
  /** When something was last seen to have come from the peer, by the clock of `performance`. */
  heard: number;
}

const sweepsWithinInterval = 4;

/** As gRPC names a peer. */
function peerOf({ remoteAddress, remotePort }: { remoteAddress?: string | undefined; remotePort?: number | undefined }): string {
  return `${remoteAddress}:${remotePort}`;
}

/**
 * A session that ends in good order waits for the peer to hang up too. One that has not until we look again never will.
 * A peer from which nothing comes is asked whether it is there: Envoy asks us, so that thousands that are well cost no ping.
 */
function sweep(connections: Iterable<Connection>, { interval, timeout }: Http2PortOptions['keepalive']): void {
  const now = performance.now();
  for (const connection of connections) {
    if (connection.finished) {
      connection.socket.destroy();
    }
    connection.finished = connection.session?.destroyed ?? false;
    const { bytesRead } = connection.socket;
    if (bytesRead !== connection.bytesRead) {
      connection.bytesRead = bytesRead;
      connection.heard = now;
    } else if (now - connection.heard >= interval && !connection.finished) {
      connection.heard = now;
      void ping(connection, timeout);
    }
  }
}

/**
 * grpc-js answers 415 to what is not gRPC and has no public way to serve it on the same connection, so its HTTP/2 server is
 * taken from its private field. The version is pinned; a version without the field fails at start, and a test sees it.
 */
function http2ServerOf(grpc: GrpcServer): Http2Server {
  const { http2Servers } = grpc as unknown as { readonly http2Servers?: ReadonlyMap<Http2Server, unknown> };
  const [server] = http2Servers?.keys() ?? [];
  if (!server) {
    throw new Error('this version of @grpc/grpc-js does not keep its HTTP/2 server where it is expected');
  }
  return server;
}

function routePlainRequests(server: Http2Server, serve: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void): void {
  const forGrpc = server.listeners('stream');
  server.removeAllListeners('stream');
  server.on('stream', (stream, headers, ...more) => {
    if (headers['content-type']?.startsWith('application/grpc')) {
      writeInPieces(stream);
      for (const listener of forGrpc) {
        listener(stream, headers, ...more);
      }
    } else {
      serve(stream as ServerHttp2Stream, headers);
    }
  });
}

async function exchange(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  options: { readonly handler: HttpHandler; readonly limits: RequestLimits },
): Promise<void> {
  const deadline = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), options.limits.requestTimeout);
  stream.on('error', () => stream.destroy());
  stream.once('close', () => clearTimeout(deadline));
  try {
    const {
      status,
      contentType,
      body = '',
    } = await answer(
      {
        method: headers[':method'] ?? '',
        path: pathOf(headers[':path'] ?? ''),
        authority: headers[':authority'] ?? headers.host ?? '',
        accept: headers.accept ?? '',
      },
      stream,
      options,
    );
    stream.respond({ ':status': status, ...(contentType && { 'content-type': contentType }) });
    stream.end(body);
    if (status === 413) {
      stream.close(constants.NGHTTP2_NO_ERROR);
    }
  } catch {
    stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }
}

function ping(connection: Connection | undefined, timeout: number): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connection?.session;
    if (!session || session.destroyed) {
      resolve(false);
      return;
    }
    const giveUp = (): void => {
      session.destroy();
      resolve(false);
    };
    const deadline = setTimeout(giveUp, timeout);
    const sent = session.ping((error) => {
      clearTimeout(deadline);
      resolve(!error);
    });
    if (!sent) {
      clearTimeout(deadline);
      giveUp();
    }
  });
}
