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
 * Negative when `a` is the more specific: by path, then method, then number of headers, then of query parameters. A longer
 * prefix is more specific, and so is taken to be a longer regular expression.
 */
export function compareMatches(a: RouteMatchIr, b: RouteMatchIr): number {
  return (
    pathRank(b) - pathRank(a) ||
    b.path.value.length * Number(b.path.kind !== 'exact') - a.path.value.length * Number(a.path.kind !== 'exact') ||
    Number(b.method !== undefined) - Number(a.method !== undefined) ||
    b.headers.length - a.headers.length ||
    b.queryParams.length - a.queryParams.length
  );
}

/** A match of no path matches every one, and comes behind regular expressions. */
function pathRank({ path }: RouteMatchIr): number {
  if (path.kind === 'exact') return 3;
  if (path.kind === 'regex') return 1;
  return path.value === '/' ? 0 : 2;
}
