import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ProtocolError } from './api-error.ts';
import type { RawQuery } from './list-query.ts';

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

/** What a handler returns is sent as JSON, or as text if it is a string. */
export type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

export interface RouteTraits {
  /** Answered to everyone, whatever credentials they show. */
  readonly public?: boolean;
  /** The answer is not JSON, so that `Accept` may say anything. */
  readonly anyType?: boolean;
  /** The path exists, this method on it does not. */
  readonly unsupported?: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig extends RouteTraits {}
}

/** Adds a path; methods without a handler are answered with 405. */
export function addPath(
  app: FastifyInstance,
  path: string,
  handlers: Readonly<Partial<Record<Method, Handler>>>,
  traits: RouteTraits = {},
): void {
  const methods = Object.keys(handlers);
  for (const [method, handler] of Object.entries(handlers)) {
    app.route({ method, url: path, config: traits, handler: async (request, reply) => handler(request, reply) });
  }
  const answersHead = (method: string) => method === 'HEAD' && methods.includes('GET');
  app.route({
    method: app.supportedMethods.filter((method) => !methods.includes(method) && !answersHead(method)),
    url: path,
    config: { public: true, anyType: true, unsupported: true },
    handler: async ({ method }, reply) => {
      reply.header('allow', methods.join(', '));
      throw new ProtocolError(405, `${method} is not allowed here; allowed: ${methods.join(', ')}`);
    },
  });
}

/** A path parameter that the route's path declares. */
export function pathParameter(request: FastifyRequest, name: string): string {
  return (request.params as Readonly<Record<string, string>>)[name] ?? '';
}

export function queryOf(request: FastifyRequest): RawQuery {
  return request.query as RawQuery;
}
