import type { FastifyInstance } from 'fastify';
import type { ResourceStore } from '../store/store.ts';

/** Seconds since what an answer shows was last known to be all there is; absent from answers that are up to date. */
export const staleHeader = 'x-kuma-stale-seconds';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of what a reader is shown: milliseconds, undefined when it is up to date. */
    age: number | undefined;
  }
}

/**
 * Requests see what was written before them, whichever control plane took it. When the database is away, who reads sees what
 * was known and is told of how long ago; who writes is refused before anything is concluded from what may not be so any more.
 */
export function keepFresh(app: FastifyInstance, store: Pick<ResourceStore, 'fresh' | 'current'>): void {
  if (!store.fresh) return;
  app.decorateRequest('age');
  app.addHook('preHandler', async (request) => {
    const { method, routeOptions } = request;
    if (routeOptions.config.unsupported) return;
    if (method === 'PUT' || method === 'DELETE') await store.current?.();
    else request.age = await store.fresh?.();
  });
  // The store may be back by now: what was read before that is as old as it was.
  app.addHook('onSend', async ({ age }, reply) => {
    if (age !== undefined) reply.header(staleHeader, String(Math.round(age / 1000)));
  });
}
