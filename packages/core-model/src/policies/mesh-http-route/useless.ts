import { headersOfConnections } from '../headers.ts';
import { idleBackends } from '../idle-backends.ts';
import { literalBeginning } from '../literal-beginning.ts';
import type { Useless } from '../policy.ts';
import { arrivingPath, arrivingText, percentEncoded } from './arriving-path.ts';
import { placedRules } from './placed-rules.ts';
import type { MeshHTTPRoute_Filter, MeshHTTPRoute_Match, Routes } from './routes.ts';

export function useless(routes: Routes): readonly Useless[] {
  return [
    ...unroutableMethods(routes),
    ...strangePaths(routes),
    ...strangeQueries(routes),
    ...brokenRewrites(routes),
    ...emptyPaths(routes),
    ...unwrittenHeaders(routes),
    ...redirectedRequests(routes),
    ...unservedRequests(routes),
  ];
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

function strangePaths(routes: Routes): readonly Useless[] {
  return placedRules(routes).flatMap(({ rule: { matches = [] }, at }) =>
    matches.flatMap(({ path }, i) => {
      const why = path && whyNoneArrives(path);
      return why ? [{ path: [...at, 'matches', i, 'path', 'value'], why: `matches nothing: ${why}` }] : [];
    }),
  );
}

function whyNoneArrives({ type, value = '' }: NonNullable<MeshHTTPRoute_Match['path']>): string | undefined {
  const text = type === 'RegularExpression' ? literalBeginning(value) : value;
  if (text.includes('?')) return 'a path ends before ?, queryParams match what follows';
  const arriving = type === 'RegularExpression' ? arrivingText(text) : arrivingPath(text);
  return arriving === text ? undefined : `${text} arrives as ${arriving}`;
}

/** Envoy splits a query at &, and its items at the first =, and decodes nothing in them. */
function strangeQueries(routes: Routes): readonly Useless[] {
  return placedRules(routes).flatMap(({ rule: { matches = [] }, at }) =>
    matches.flatMap(({ queryParams = [] }, i) =>
      queryParams.flatMap(({ type, name = '', value = '' }, j) =>
        Object.entries({ name, ...(type === 'Exact' && { value }) }).flatMap(([field, text]) => {
          const strange = (field === 'name' ? /[^!-~]|[#&=]/u : /[^!-~]|[#&]/u).exec(text)?.[0];
          if (strange === undefined) return [];
          const why = `matches nothing: a URL has ${percentEncoded(strange)} for ${JSON.stringify(strange)}, and is compared as it stands`;
          return [{ path: [...at, 'matches', i, 'queryParams', j, field], why }];
        }),
      ),
    ),
  );
}

/** Envoy writes what a path becomes as it stands, and takes none that has these. */
function brokenRewrites(routes: Routes): readonly Useless[] {
  return placedRules(routes).flatMap(({ rule: { default: { filters = [] } = {} }, at }) =>
    filters.flatMap(({ urlRewrite: { path = {} } = {} }, i) =>
      (['replaceFullPath', 'replacePrefixMatch'] as const).flatMap((field) => {
        const value = path[field] ?? '';
        if (!/[# \p{Cc}]/u.test(value)) return [];
        const why = `makes requests fail: ${value} is written ${arrivingText(value)} in a path`;
        return [{ path: [...at, 'default', 'filters', i, 'urlRewrite', 'path', field], why }];
      }),
    ),
  );
}

/** Envoy leaves a path as it is before it makes it empty. */
function emptyPaths(routes: Routes): readonly Useless[] {
  return placedRules(routes).flatMap(({ rule: { default: { filters = [] } = {} }, at }) =>
    filters.flatMap(({ urlRewrite, requestRedirect }, i) =>
      Object.entries({ urlRewrite, requestRedirect }).flatMap(([field, change]) => {
        if (change?.path?.replaceFullPath !== '') return [];
        const path = [...at, 'default', 'filters', i, field, 'path', 'replaceFullPath'];
        return [{ path, why: 'has no effect: an empty path replaces none, / is the shortest' }];
      }),
    ),
  );
}

function unwrittenHeaders(routes: Routes): readonly Useless[] {
  const why = 'has no effect: proxies write what connections and lengths need';
  return placedRules(routes).flatMap(({ rule: { default: { filters = [] } = {} }, at }) =>
    filters.flatMap(({ requestHeaderModifier, responseHeaderModifier }, i) =>
      Object.entries({ requestHeaderModifier, responseHeaderModifier }).flatMap(([field, modifier = {}]) =>
        headersOfConnections(modifier).map(({ place }) => ({ path: [...at, 'default', 'filters', i, field, ...place], why })),
      ),
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
