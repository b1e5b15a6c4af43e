import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { answer, type HttpHandler, pathOf, type RequestLimits } from './http-exchange.ts';

export interface Http1Port {
  accept(socket: Duplex): void;
  /** Ends what is idle at once and the rest after its answer. */
  close(): void;
}

/**
 * HTTP/1.1 on connections that another server accepted. A server that listens nowhere does not enforce its own timeouts:
 * each connection has a deadline for its next request instead.
 */
export function createHttp1Port(handler: HttpHandler, limits: RequestLimits): Http1Port {
  const deadlines = new Map<Duplex, NodeJS.Timeout>();
  const busy = new Set<Duplex>();
  let closing = false;

  const server = createServer(async (request, response) => {
    const { socket } = request;
    busy.add(socket);
    response.once('close', () => {
      busy.delete(socket);
      deadlines.get(socket)?.refresh();
      if (closing) {
        socket.end();
      }
    });
    try {
      await exchange(request, response, { handler, limits });
    } catch {
      socket.destroy();
    }
  });
  server.on('clientError', (_error, socket) => socket.destroy());

  return {
    accept(socket) {
      const deadline = setTimeout(() => socket.destroy(), limits.requestTimeout);
      deadlines.set(socket, deadline);
      socket.once('close', () => {
        clearTimeout(deadline);
        deadlines.delete(socket);
      });
      server.emit('connection', socket);
    },
    close() {
      closing = true;
      for (const socket of deadlines.keys()) {
        if (!busy.has(socket)) {
          socket.destroy();
        }
      }
    },
  };
}

async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  options: { readonly handler: HttpHandler; readonly limits: RequestLimits },
): Promise<void> {
  const {
    status,
    contentType,
    body: text = '',
  } = await answer(
    {
      method: request.method ?? '',
      path: pathOf(request.url ?? ''),
      authority: request.headers.host ?? '',
      accept: request.headers.accept ?? '',
    },
    request,
    options,
  );
  const body = Buffer.from(text);
  response.writeHead(status, {
    ...(contentType && { 'content-type': contentType }),
    'content-length': body.length,
    // What is left of a body that is too large is not worth reading.
    ...(status === 413 && { connection: 'close' }),
  });
  response.end(body);
}
