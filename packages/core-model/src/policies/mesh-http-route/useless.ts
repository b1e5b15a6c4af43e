import type { HeaderMatch } from '../../generated/types/kuma/header_match.ts';
import { valueAt } from '../../resources/field-path.ts';
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
    ...opposedHeaders(routes),
    ...brokenRewrites(routes),
    ...emptyPaths(routes),
    ...unwrittenHeaders(routes),
    ...redirectedRequests(routes),
    ...supersededFilters(routes),
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

/** All conditions of a match must hold: a header does not have two values, nor one where it is absent. */
function opposedHeaders(routes: Routes): readonly Useless[] {
  return placedRules(routes).flatMap(({ rule: { matches = [] }, at }) =>
    matches.flatMap(({ headers = [] }, i) =>
      headers.flatMap((header, j) => {
        const other = headers.slice(0, j).findIndex((earlier) => areOpposed(earlier, header));
        if (other < 0) return [];
        const why = `matches nothing: headers[${other}] wants ${header.name} to be otherwise`;
        return [{ path: [...at, 'matches', i, 'headers', j], why }];
      }),
    ),
  );
}

function areOpposed(one: HeaderMatch, other: HeaderMatch): boolean {
  if (one.name !== other.name) return false;
  if (one.type === 'Absent' || other.type === 'Absent') return one.type !== other.type;
  return isExact(one) && isExact(other) && one.value !== other.value;
}

function isExact({ type = 'Exact' }: HeaderMatch): boolean {
  return type === 'Exact';
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

/** Of several redirects the last one answers, of several new hosts or paths the last one is written. */
function supersededFilters(routes: Routes): readonly Useless[] {
  const changes = [['requestRedirect'], ['urlRewrite', 'hostname'], ['urlRewrite', 'path']];
  return placedRules(routes).flatMap(({ rule: { default: { filters = [] } = {} }, at }) =>
    (redirects(filters) ? changes.slice(0, 1) : changes).flatMap((change) => {
      const stating = filters.flatMap((filter, i) => (valueAt(filter, change) === undefined ? [] : [i]));
      const last = stating.at(-1);
      const why = `has no effect: filters[${last}] comes after it and says the same another way`;
      return stating.filter((i) => i !== last).map((i) => ({ path: [...at, 'default', 'filters', i, ...change], why }));
    }),
  );
}

function unservedRequests(routes: Routes): readonly Useless[] {
  return placedRules(routes).flatMap(({ rule: { default: { filters = [], backendRefs = [] } = {} }, at }) =>
    redirects(filters) ? [] : idleBackends(backendRefs, [...at, 'default', 'backendRefs'], 'requests are answered with 500'),
  );
}

function redirects(filters: readonly MeshHTTPRoute_Filter[]): boolean {
  return filters.some(({ type }) => type === 'RequestRedirect');
}
