import type {
  MeshHTTPRoute_Match as Match,
  MeshHTTPRoute,
  MeshHTTPRoute_Rule as Rule,
} from '../../generated/types/kuma/mesh_http_route.ts';
import { splitProblems } from '../../resources/backend-ref.ts';
import { unique } from '../../resources/checks.ts';
import { headerMatchProblems } from '../../resources/header-match.ts';
import { regularExpression } from '../../resources/regular-expression.ts';
import { mustBeAbsent, type Problem } from '../../resources/resource.ts';
import { filterProblems } from './validate-filter.ts';

export function validateMeshHTTPRoute(spec: MeshHTTPRoute): Problem[] {
  return (spec.to ?? []).flatMap(({ hostnames, rules = [] }, to) => [
    ...(hostnames?.length
      ? [mustBeAbsent(`spec.to[${to}].hostnames`, ': it is for built-in gateways, which are not supported')]
      : []),
    ...rules.flatMap((rule, index) => ruleProblems(`spec.to[${to}].rules[${index}]`, rule)),
  ]);
}

function ruleProblems(at: string, { matches = [], default: conf }: Rule): Problem[] {
  // A type that was refused may have been meant to be this one.
  const prefixOnly = matches.every(({ path }) => path && (path.type ?? 'PathPrefix') === 'PathPrefix');
  const filters = conf?.filters ?? [];
  return [
    ...matches.flatMap((match, index) => matchProblems(`${at}.matches[${index}]`, match)),
    ...filters.flatMap((filter, index) => filterProblems(`${at}.default.filters[${index}]`, filter, prefixOnly)),
    ...splitProblems(`${at}.default.backendRefs`, conf?.backendRefs ?? []),
  ];
}

function matchProblems(at: string, { path, queryParams = [], headers = [] }: Match): Problem[] {
  return [
    ...(path?.value !== undefined ? pathProblems(`${at}.path.value`, path.type, path.value) : []),
    ...headers.flatMap((header, index) => headerMatchProblems(`${at}.headers[${index}]`, header)),
    ...unique(
      queryParams,
      ({ name }) => name,
      (index) => `${at}.queryParams[${index}].name`,
    ),
    ...queryParams.flatMap(({ type, value, name }, index) => [
      ...parameterNameProblems(`${at}.queryParams[${index}].name`, name),
      ...(type === 'RegularExpression' ? expressionProblems(`${at}.queryParams[${index}].value`, value) : []),
    ]),
  ];
}

/** Proxies take no longer ones. */
const longestParameterName = 1024;

function parameterNameProblems(field: string, name: string | undefined): Problem[] {
  if (name === '') return [{ field, reason: 'must not be empty' }];
  const isTooLong = name !== undefined && new TextEncoder().encode(name).length > longestParameterName;
  return isTooLong ? [{ field, reason: `must not be longer than ${longestParameterName} bytes` }] : [];
}

function pathProblems(field: string, type: string | undefined, value: string): Problem[] {
  if (type === undefined) return [];
  if (type === 'RegularExpression') return expressionProblems(field, value);
  if (!value.startsWith('/')) return [{ field, reason: `must begin with /; got ${JSON.stringify(value)}` }];
  if (type === 'PathPrefix' && value !== '/' && value.endsWith('/')) {
    return [{ field, reason: `must not end with /, because whole segments are matched anyhow; got ${JSON.stringify(value)}` }];
  }
  if (type === 'PathPrefix' && /[?#]/.test(value)) {
    return [{ field, reason: `must be a path without ? and #: queryParams match the query; got ${JSON.stringify(value)}` }];
  }
  return [];
}

function expressionProblems(field: string, value: string | undefined): Problem[] {
  return value === '' ? [{ field, reason: 'must not be empty' }] : regularExpression(field, value);
}
