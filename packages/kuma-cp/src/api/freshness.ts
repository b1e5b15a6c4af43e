import type { FastifyInstance } from 'fastify';
import type { ResourceStore } from '../store/store.ts';

/** Seconds since what an answer shows was last known to be all there is; absent from answers that are up to date. */
export const staleHeader = 'x-kuma-stale-seconds';

/**
 * Requests see what was written before them, whichever control plane took it. When the database is away, who reads sees what
 * was known and is told of how long ago; who writes is refused before anything is concluded from what may not be so any more.
 */
export function keepFresh(app: FastifyInstance, store: Pick<ResourceStore, 'fresh' | 'current' | 'staleness'>): void {
  if (!store.fresh || !store.staleness) return;
  app.addHook('preHandler', async ({ method, routeOptions }) => {
    if (routeOptions.config.unsupported) return;
    if (method === 'PUT' || method === 'DELETE') await store.current?.();
    else await store.fresh?.();
  });
  app.addHook('onSend', async (request, reply) => {
    const age = request.method === 'GET' || request.method === 'HEAD' ? store.staleness?.() : undefined;
    if (age !== undefined) reply.header(staleHeader, String(Math.round(age / 1000)));
  });
}
