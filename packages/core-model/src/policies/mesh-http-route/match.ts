import type { RouteMatchIr } from '../../ir/index.ts';
import { headerMatch } from '../header-match.ts';
import type { MeshHTTPRoute_Match } from './routes.ts';

export function routeMatch({ path, method, headers = [], queryParams = [] }: MeshHTTPRoute_Match): RouteMatchIr {
  return {
    path: pathMatch(path),
    ...(method && { method }),
    headers: headers.map(headerMatch),
    queryParams: queryParams.map(({ type, name = '', value = '' }) => ({
      name,
      kind: type === 'RegularExpression' ? ('regex' as const) : ('exact' as const),
      value,
    })),
  };
}

/** A prefix means whole segments: `/api` is the same as `/api/`, and does not match `/apis`. */
function pathMatch(path: MeshHTTPRoute_Match['path']): RouteMatchIr['path'] {
  const value = path?.value ?? '/';
  switch (path?.type) {
    case 'Exact':
      return { kind: 'exact', value };
    case 'RegularExpression':
      return { kind: 'regex', value };
    default:
      return { kind: 'prefix', value: value.replace(/\/+$/, '') || '/' };
  }
}

/**
 * Negative when `a` is the more specific, in Kuma's order: by path, then method, then number of headers, then of query
 * parameters. A longer prefix is more specific, and so is taken to be a longer regular expression.
 */
export function compareMatches(a: MeshHTTPRoute_Match, b: MeshHTTPRoute_Match): number {
  return (
    pathRank(b) - pathRank(a) ||
    pathLength(b) - pathLength(a) ||
    Number(b.method !== undefined) - Number(a.method !== undefined) ||
    (b.headers ?? []).length - (a.headers ?? []).length ||
    (b.queryParams ?? []).length - (a.queryParams ?? []).length
  );
}

/** Every prefix, `/` too, comes before regular expressions, and whatever says nothing of the path comes last. */
function pathRank({ path }: MeshHTTPRoute_Match): number {
  if (path === undefined) return 0;
  if (path.type === 'RegularExpression') return 1;
  return path.type === 'Exact' ? 3 : 2;
}

/** Exact paths are all as exact. */
function pathLength({ path }: MeshHTTPRoute_Match): number {
  return path === undefined || path.type === 'Exact' ? 0 : (path.value ?? '').length;
}
