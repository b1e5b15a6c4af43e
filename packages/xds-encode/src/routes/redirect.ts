import type { PathRewriteIr, RedirectIr, RouteMatchIr } from '@kuma-mesh/core-model/ir/index.ts';
import {
  type RedirectAction,
  RedirectAction_RedirectResponseCode as ResponseCode,
} from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route_components.ts';
import { pathRewrite } from './path-rewrite.ts';

const responseCodes = {
  301: ResponseCode.MOVED_PERMANENTLY,
  302: ResponseCode.FOUND,
  303: ResponseCode.SEE_OTHER,
  307: ResponseCode.TEMPORARY_REDIRECT,
  308: ResponseCode.PERMANENT_REDIRECT,
};

export function redirect({ scheme, host, port, path, status }: RedirectIr, match: RouteMatchIr): RedirectAction {
  return {
    ...(scheme !== undefined && { schemeRewriteSpecifier: { $case: 'schemeRedirect', value: scheme } }),
    ...(host !== undefined && { hostRedirect: host }),
    ...(port !== undefined && { portRedirect: port }),
    ...(path && { pathRewriteSpecifier: pathSpecifier(path, match) }),
    responseCode: responseCodes[status],
  };
}

function pathSpecifier(path: PathRewriteIr, match: RouteMatchIr): RedirectAction['pathRewriteSpecifier'] {
  if (path.kind === 'full') return { $case: 'pathRedirect', value: path.value };
  const rewrite = pathRewrite(path, match.path);
  return 'prefix' in rewrite
    ? { $case: 'prefixRewrite', value: rewrite.prefix }
    : { $case: 'regexRewrite', value: rewrite.regex };
}
