import type {
  MeshRetry_Conf as Conf,
  MeshRetry_Grpc as Grpc,
  MeshRetry_HostSelection as HostSelection,
  MeshRetry_Http as Http,
  MeshRetry,
} from '../../generated/types/kuma/mesh_retry.ts';
import { atLeastOne, moreThanZero } from '../../resources/checks.ts';
import { headerMatchProblems } from '../../resources/header-match.ts';
import { nearest } from '../../resources/nearest.ts';
import type { Problem } from '../../resources/resource.ts';

/** Values of `http.retryOn` beside status codes. */
export const httpRetryOn: readonly string[] = [
  '5XX',
  '5xx',
  'GatewayError',
  'Reset',
  'Retriable4xx',
  'ConnectFailure',
  'EnvoyRatelimited',
  'RefusedStream',
  'Http3PostConnectFailure',
  'HttpMethodConnect',
  'HttpMethodDelete',
  'HttpMethodGet',
  'HttpMethodHead',
  'HttpMethodOptions',
  'HttpMethodPatch',
  'HttpMethodPost',
  'HttpMethodPut',
  'HttpMethodTrace',
];

/** Those that are registered, as text. */
const statuses: ReadonlySet<string> = new Set(
  [
    ...[100, 101, 102, 103, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307, 308],
    ...[400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424],
    ...[425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511],
  ].map(String),
);

export function validateMeshRetry(spec: MeshRetry): Problem[] {
  return (spec.to ?? []).flatMap((item, index) => confProblems(`spec.to[${index}].default`, item.default));
}

function confProblems(at: string, conf: Conf | undefined): Problem[] {
  const missing = atLeastOne(at, conf, ['tcp', 'http', 'grpc']);
  if (!conf || missing.length > 0) return missing;
  return [
    ...(conf.tcp ? atLeastOne(`${at}.tcp`, conf.tcp, ['maxConnectAttempt']) : []),
    ...(conf.http ? httpProblems(`${at}.http`, conf.http) : []),
    ...(conf.grpc ? grpcProblems(`${at}.grpc`, conf.grpc) : []),
  ];
}

const common = ['numRetries', 'perTryTimeout', 'backOff', 'rateLimitedBackOff', 'retryOn'];

function httpProblems(at: string, http: Http): Problem[] {
  const own = ['retriableRequestHeaders', 'retriableResponseHeaders', 'hostSelection'];
  return [
    ...atLeastOne(at, http, [...common, ...own]),
    ...backOffProblems(at, http),
    ...(http.retryOn ?? []).flatMap((value, index) => retryOnProblems(`${at}.retryOn[${index}]`, value)),
    ...(http.retriableRequestHeaders ?? []).flatMap((match, i) =>
      headerMatchProblems(`${at}.retriableRequestHeaders[${i}]`, match),
    ),
    ...(http.retriableResponseHeaders ?? []).flatMap((match, i) =>
      headerMatchProblems(`${at}.retriableResponseHeaders[${i}]`, match),
    ),
    ...hostSelectionProblems(`${at}.hostSelection`, http.hostSelection ?? []),
  ];
}

function grpcProblems(at: string, grpc: Grpc): Problem[] {
  return [...atLeastOne(at, grpc, common), ...backOffProblems(at, grpc)];
}

function backOffProblems(at: string, { backOff, rateLimitedBackOff }: Http | Grpc): Problem[] {
  return [
    ...(backOff ? atLeastOne(`${at}.backOff`, backOff, ['baseInterval', 'maxInterval']) : []),
    ...moreThanZero(`${at}.backOff.baseInterval`, backOff?.baseInterval),
    ...moreThanZero(`${at}.backOff.maxInterval`, backOff?.maxInterval),
    ...moreThanZero(`${at}.rateLimitedBackOff.maxInterval`, rateLimitedBackOff?.maxInterval),
    ...(rateLimitedBackOff && !rateLimitedBackOff.resetHeaders?.length
      ? [{ field: `${at}.rateLimitedBackOff.resetHeaders`, reason: 'must have at least one item' }]
      : []),
  ];
}

function retryOnProblems(field: string, value: string): Problem[] {
  if (httpRetryOn.includes(value) || statuses.has(value)) return [];
  const guess = nearest(value, httpRetryOn);
  const hint = guess ? `; did you mean ${guess}?` : '';
  return [
    {
      field,
      reason: `must be a registered status code or one of ${httpRetryOn.join(', ')}; got ${JSON.stringify(value)}${hint}`,
    },
  ];
}

function hostSelectionProblems(at: string, selections: readonly HostSelection[]): Problem[] {
  const byPriority = selections.flatMap(({ predicate }, index) => (predicate === 'OmitPreviousPriorities' ? [index] : []));
  return [
    ...selections.flatMap(({ predicate, tags }, index) =>
      predicate === 'OmitHostsWithTags' && Object.keys(tags ?? {}).length === 0
        ? [{ field: `${at}[${index}].tags`, reason: 'must have at least one tag when predicate is OmitHostsWithTags' }]
        : [],
    ),
    ...byPriority
      .slice(1)
      .map((index) => ({ field: `${at}[${index}].predicate`, reason: 'OmitPreviousPriorities may appear once only' })),
  ];
}
