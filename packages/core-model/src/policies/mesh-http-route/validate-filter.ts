import type {
  MeshHTTPRoute_Filter as Filter,
  MeshHTTPRoute_HeaderModifier as HeaderModifier,
  MeshHTTPRoute_PathRewrite as PathRewrite,
} from '../../generated/types/kuma/mesh_http_route.ts';
import { isHostName, isIpAddress } from '../../resources/addresses.ts';
import { mirrorProblems } from '../../resources/backend-ref.ts';
import { atLeastOne, notHost, percentage, unique } from '../../resources/checks.ts';
import { mustBeAbsent, type Problem } from '../../resources/resource.ts';
import { headerValueProblems } from '../headers.ts';

/** Which field belongs to which type of filter. */
const fieldOf = {
  RequestHeaderModifier: 'requestHeaderModifier',
  ResponseHeaderModifier: 'responseHeaderModifier',
  RequestRedirect: 'requestRedirect',
  URLRewrite: 'urlRewrite',
  RequestMirror: 'requestMirror',
} as const;
const redirectStatuses = [301, 302, 303, 307, 308];

/**
 * What is wrong with one filter.
 * @param prefixOnly all matches of its rule are path prefixes
 */
export function filterProblems(at: string, filter: Filter, prefixOnly: boolean): Problem[] {
  const { type } = filter;
  if (type === undefined) return [];
  const own = fieldOf[type];
  const problems = Object.values(fieldOf)
    .filter((field) => field !== own && filter[field] !== undefined)
    .map((field) => mustBeAbsent(`${at}.${field}`, ` when type is ${type}`));
  if (filter[own] === undefined) return [...problems, { field: `${at}.${own}`, reason: `must be set when type is ${type}` }];
  const { requestRedirect, urlRewrite, requestMirror } = filter;
  switch (type) {
    case 'RequestHeaderModifier':
    case 'ResponseHeaderModifier':
      return [...problems, ...headerModifierProblems(`${at}.${own}`, filter[own] as HeaderModifier, type)];
    case 'RequestRedirect':
      return [
        ...problems,
        ...hostProblems(`${at}.${own}.hostname`, requestRedirect?.hostname),
        ...(requestRedirect?.path ? pathRewriteProblems(`${at}.${own}.path`, requestRedirect.path, prefixOnly) : []),
        ...statusProblems(`${at}.${own}.statusCode`, requestRedirect?.statusCode),
      ];
    case 'URLRewrite':
      return [
        ...problems,
        ...atLeastOne(`${at}.${own}`, urlRewrite, ['hostname', 'path', 'hostToBackendHostname']),
        ...hostProblems(`${at}.${own}.hostname`, urlRewrite?.hostname),
        ...(urlRewrite?.hostToBackendHostname
          ? [
              mustBeAbsent(
                `${at}.${own}.hostToBackendHostname`,
                ': it is for built-in gateways, endpoints of the mesh have no names of hosts',
              ),
            ]
          : []),
        ...(urlRewrite?.path ? pathRewriteProblems(`${at}.${own}.path`, urlRewrite.path, prefixOnly) : []),
      ];
    case 'RequestMirror':
      return [
        ...problems,
        ...percentage(`${at}.${own}.percentage`, requestMirror?.percentage),
        ...(requestMirror?.backendRef ? mirrorProblems(`${at}.${own}.backendRef`, requestMirror.backendRef) : []),
      ];
  }
}

function headerModifierProblems(
  at: string,
  { set = [], add = [], remove = [] }: HeaderModifier,
  type: 'RequestHeaderModifier' | 'ResponseHeaderModifier',
): Problem[] {
  if (set.length + add.length + remove.length === 0)
    return [{ field: at, reason: 'at least one of set, add, remove must have an item' }];
  const uses = [
    ...set.map(({ name }, index) => ({ name, field: `${at}.set[${index}].name` })),
    ...add.map(({ name }, index) => ({ name, field: `${at}.add[${index}].name` })),
    ...remove.map((name, index) => ({ name: name.toLowerCase(), field: `${at}.remove[${index}]` })),
  ];
  const instead = type === 'RequestHeaderModifier' ? ': use a filter of type URLRewrite with hostname' : '';
  return [
    ...unique(
      uses,
      ({ name }) => name || undefined,
      (index) => uses[index]!.field,
    ),
    ...uses.flatMap(({ name, field }) => notHost(field, name, instead)),
    ...Object.entries({ set, add }).flatMap(([list, headers]) =>
      headers.flatMap((header, index) => headerValueProblems(`${at}.${list}[${index}].value`, header)),
    ),
    ...remove.flatMap((name, index) =>
      /^[^:\0\r\n][^\0\r\n]*$/.test(name)
        ? []
        : [{ field: `${at}.remove[${index}]`, reason: `must be the name of a header; got ${JSON.stringify(name)}` }],
    ),
  ];
}

function hostProblems(field: string, host: string | undefined): Problem[] {
  if (host === undefined || (isHostName(host) && !isIpAddress(host))) return [];
  return [{ field, reason: `must be a DNS name; got ${JSON.stringify(host)}` }];
}

function statusProblems(field: string, status: number | undefined): Problem[] {
  if (status === undefined || redirectStatuses.includes(status)) return [];
  return [{ field, reason: `must be one of ${redirectStatuses.join(', ')}; got ${status}` }];
}

function pathRewriteProblems(at: string, rewrite: PathRewrite, prefixOnly: boolean): Problem[] {
  const { type, replaceFullPath, replacePrefixMatch } = rewrite;
  if (type === undefined) return [];
  const [own, other] =
    type === 'ReplaceFullPath'
      ? (['replaceFullPath', 'replacePrefixMatch'] as const)
      : (['replacePrefixMatch', 'replaceFullPath'] as const);
  const value = type === 'ReplaceFullPath' ? replaceFullPath : replacePrefixMatch;
  const problems: Problem[] = [];
  if (rewrite[other] !== undefined) problems.push(mustBeAbsent(`${at}.${other}`, ` when type is ${type}`));
  if (value === undefined) problems.push({ field: `${at}.${own}`, reason: `must be set when type is ${type}` });
  else if (value !== '' && !value.startsWith('/')) {
    problems.push({ field: `${at}.${own}`, reason: `must begin with /; got ${JSON.stringify(value)}` });
  }
  if (type === 'ReplacePrefixMatch' && !prefixOnly) {
    problems.push({
      field: `${at}.replacePrefixMatch`,
      reason: 'needs every match of the rule to have a path of type PathPrefix',
    });
  }
  return problems;
}
