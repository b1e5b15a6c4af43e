import type { Logger } from 'pino';
import type { HttpHandler } from './http-exchange.ts';

/** One handler for several paths; answers 404 to other paths and 500, without a word to the peer, to what a handler throws. */
export function routePaths(handlers: Readonly<Record<string, HttpHandler>>, log: Logger): HttpHandler {
  const byPath = new Map(Object.entries(handlers));
  return async (request) => {
    const handler = byPath.get(request.path);
    if (!handler) {
      return { status: 404, contentType: 'text/plain; charset=utf-8', body: `no such path: ${request.path}\n` };
    }
    try {
      return await handler(request);
    } catch (error) {
      log.error({ err: error, path: request.path }, 'a request of a sidecar failed');
      return { status: 500 };
    }
  };
}
