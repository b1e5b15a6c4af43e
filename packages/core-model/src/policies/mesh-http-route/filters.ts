import type {
  MeshHTTPRoute_HeaderModifier,
  MeshHTTPRoute_HeaderValue,
  MeshHTTPRoute_PathRewrite,
} from '../../generated/types/kuma/mesh_http_route.ts';
import type { HeaderChangesIr, PathRewriteIr, RedirectIr, RewriteIr, RouteMatchIr } from '../../ir/index.ts';
import { mergeConfs } from '../../rules/merge.ts';
import { header, isOfConnection } from '../headers.ts';
import type { MeshHTTPRoute_Filter } from './routes.ts';

type Filters = readonly MeshHTTPRoute_Filter[];

export function headerChanges(modifiers: readonly MeshHTTPRoute_HeaderModifier[]): HeaderChangesIr {
  return {
    set: modifiers.flatMap(({ set = [] }) => written(set)),
    add: modifiers.flatMap(({ add = [] }) => written(add)),
    remove: modifiers.flatMap(({ remove = [] }) => remove),
  };
}

function written(headers: readonly MeshHTTPRoute_HeaderValue[]): HeaderChangesIr['set'] {
  return headers.filter((stated) => !isOfConnection(stated)).map(header);
}

/** A request that is redirected is not forwarded, whatever else the filters say. */
export function redirect(filters: Filters, match: RouteMatchIr): RedirectIr | undefined {
  const conf = filters.findLast(({ requestRedirect }) => requestRedirect)?.requestRedirect;
  if (conf === undefined) return undefined;
  const path = pathRewrite(conf.path, match);
  return {
    kind: 'redirect',
    ...(conf.scheme && { scheme: conf.scheme }),
    ...(conf.hostname && { host: conf.hostname }),
    ...(conf.port && { port: conf.port }),
    ...(path && { path }),
    status: (conf.statusCode ?? 302) as RedirectIr['status'],
  };
}

export function rewrite(filters: Filters, match: RouteMatchIr): RewriteIr | undefined {
  const confs = filters.flatMap(({ urlRewrite }) => urlRewrite ?? []);
  if (confs.length === 0) return undefined;
  const conf = mergeConfs(confs);
  const path = pathRewrite(conf.path, match);
  return {
    ...(conf.hostname && { host: conf.hostname }),
    ...(path && { path }),
  };
}

/** There is a prefix to replace only where one was matched. */
function pathRewrite(conf: MeshHTTPRoute_PathRewrite | undefined, match: RouteMatchIr): PathRewriteIr | undefined {
  if (conf?.type === 'ReplaceFullPath') return { kind: 'full', value: conf.replaceFullPath ?? '/' };
  if (conf?.type === 'ReplacePrefixMatch' && match.path.kind === 'prefix') {
    return { kind: 'prefix', value: conf.replacePrefixMatch || '/' };
  }
  return undefined;
}
