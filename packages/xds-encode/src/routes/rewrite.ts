import type { RewriteIr, RouteMatchIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { RouteAction } from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route_components.ts';
import { pathRewrite } from './path-rewrite.ts';

type Rewriting = Pick<RouteAction, 'hostRewriteSpecifier' | 'prefixRewrite' | 'regexRewrite'>;

export function rewrite({ host, path }: RewriteIr, match: RouteMatchIr): Rewriting {
  const ofPath = path && pathRewrite(path, match.path);
  return {
    ...(host !== undefined && { hostRewriteSpecifier: { $case: 'hostRewriteLiteral', value: host } }),
    ...(ofPath && ('prefix' in ofPath ? { prefixRewrite: ofPath.prefix } : { regexRewrite: ofPath.regex })),
  };
}
