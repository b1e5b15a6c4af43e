import type { HeaderMatchIr, RouteMatchIr, SpiffeIdIr } from '@kuma-mesh/core-model/ir/index.ts';
import type {
  HeaderMatcher,
  QueryParameterMatcher,
  RouteMatch,
} from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route_components.ts';
import { beginsWith, exactly, matchesRegex, regex } from '../envoy/values.ts';
import { spiffeIdPattern } from '../permission/client-predicate.ts';
import { forwardedCertificate, forwardingUri } from '../permission/forwarded-certificate.ts';

export function routeMatch({ path, method, headers, queryParams, client }: RouteMatchIr): RouteMatch {
  return {
    pathSpecifier: pathSpecifier(path),
    headers: [
      ...(method === undefined ? [] : [headerMatcher({ kind: 'exact', name: ':method', value: method })]),
      ...headers.map(headerMatcher),
      ...(client ? [clientMatcher(client)] : []),
    ],
    queryParameters: queryParams.map(queryParameterMatcher),
  };
}

function clientMatcher(client: SpiffeIdIr): HeaderMatcher {
  return headerMatcher({ kind: 'regex', name: forwardedCertificate, value: forwardingUri(spiffeIdPattern(client)) });
}

/** Prefixes are the Gateway API's: whole path segments, with and without a slash at the end. `/foo` is no prefix of `/foobar`. */
function pathSpecifier({ kind, value }: RouteMatchIr['path']): RouteMatch['pathSpecifier'] {
  switch (kind) {
    case 'exact':
      return { $case: 'path', value };
    case 'regex':
      return { $case: 'safeRegex', value: regex(value) };
    case 'prefix': {
      const segments = withoutTrailingSlash(value);
      return segments === '' ? { $case: 'prefix', value: '/' } : { $case: 'pathSeparatedPrefix', value: segments };
    }
  }
}

/** The segments of a prefix; empty for `/`. */
export function withoutTrailingSlash(path: string): string {
  return path.replace(/\/+$/, '');
}

export function headerMatcher(match: HeaderMatchIr): HeaderMatcher {
  const { name } = match;
  switch (match.kind) {
    case 'exact':
      return { name, headerMatchSpecifier: { $case: 'stringMatch', value: exactly(match.value) } };
    case 'prefix':
      return { name, headerMatchSpecifier: { $case: 'stringMatch', value: beginsWith(match.value) } };
    case 'regex':
      return { name, headerMatchSpecifier: { $case: 'stringMatch', value: matchesRegex(match.value) } };
    case 'present':
      return { name, headerMatchSpecifier: { $case: 'presentMatch', value: true } };
    case 'absent':
      return { name, headerMatchSpecifier: { $case: 'presentMatch', value: false } };
  }
}

function queryParameterMatcher({ name, kind, value }: RouteMatchIr['queryParams'][number]): QueryParameterMatcher {
  return {
    name,
    queryParameterMatchSpecifier: { $case: 'stringMatch', value: kind === 'exact' ? exactly(value) : matchesRegex(value) },
  };
}
