import { idleBackends } from '../idle-backends.ts';
import type { Useless } from '../policy.ts';
import { placedRules } from './placed-rules.ts';
import type { MeshHTTPRoute_Filter, Routes } from './routes.ts';

export function useless(routes: Routes): readonly Useless[] {
  return [...unroutableMethods(routes), ...redirectedRequests(routes), ...unservedRequests(routes)];
}

/** A request CONNECT has no path, and proxies route by paths alone: they answer it with 404. */
function unroutableMethods(routes: Routes): readonly Useless[] {
  return placedRules(routes).flatMap(({ rule: { matches = [] }, at }) =>
    matches.flatMap(({ method }, i) =>
      method === 'CONNECT'
        ? [{ path: [...at, 'matches', i, 'method'], why: 'matches nothing: proxies answer CONNECT with 404' }]
        : [],
    ),
  );
}

const ofForwarding: ReadonlySet<unknown> = new Set(['RequestHeaderModifier', 'URLRewrite', 'RequestMirror']);

/** What is said of the way of requests that are answered with a redirect, and so go nowhere. */
function redirectedRequests(routes: Routes): readonly Useless[] {
  return placedRules(routes).flatMap(({ rule: { default: { filters = [], backendRefs = [] } = {} }, at }) => {
    if (!redirects(filters)) return [];
    const paths = [
      ...(backendRefs.length > 0 ? [['backendRefs']] : []),
      ...filters.flatMap(({ type }, i) => (ofForwarding.has(type) ? [['filters', i]] : [])),
    ];
    const why = 'has no effect: RequestRedirect answers the requests';
    return paths.map((path) => ({ path: [...at, 'default', ...path], why }));
  });
}

function unservedRequests(routes: Routes): readonly Useless[] {
  return placedRules(routes).flatMap(({ rule: { default: { filters = [], backendRefs = [] } = {} }, at }) =>
    redirects(filters) ? [] : idleBackends(backendRefs, [...at, 'default', 'backendRefs'], 'requests are answered with 500'),
  );
}

function redirects(filters: readonly MeshHTTPRoute_Filter[]): boolean {
  return filters.some(({ type }) => type === 'RequestRedirect');
}
