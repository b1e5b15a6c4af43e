import type { FastifyRequest } from 'fastify';

/** The absolute URL of a request, as its sender sees it. */
export type UrlOf = (request: FastifyRequest) => URL;

/**
 * @param rootUrl setting `apiServer.rootUrl`: where clients reach the API when a proxy stands before it. Empty: the
 * address that they called.
 */
export function createUrlOf(rootUrl: string): UrlOf {
  const root = rootUrl === '' ? undefined : rootUrl.replace(/\/+$/, '');
  return ({ protocol, host, url }) => new URL(`${root ?? `${protocol}://${host || 'localhost'}`}${url}`);
}
