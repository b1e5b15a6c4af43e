import type {
  MeshRateLimit_Conf as Conf,
  MeshRateLimit_LocalHttp as LocalHttp,
  MeshRateLimit,
  MeshRateLimit_OnRateLimit as OnRateLimit,
  MeshRateLimit_Rate as Rate,
} from '../../generated/types/kuma/mesh_rate_limit.ts';
import { atLeastOne } from '../../resources/checks.ts';
import { rulesMatchProblems } from '../../resources/client-match.ts';
import { parseDuration } from '../../resources/duration.ts';
import { gatewayDestinationProblems } from '../../resources/gateway-destinations.ts';
import { mustBeAbsent, type Problem } from '../../resources/resource.ts';
import { headerProblems } from '../headers.ts';
import { mostHeaders } from './limits.ts';

/** Envoy fills its buckets no more often. Milliseconds. */
const shortestInterval = 50;
/** The statuses of refusals that Envoy knows (`envoy/type/v3/http_status.proto`): not all of those that are registered. */
const refusals: ReadonlySet<number> = new Set([
  ...[400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423, 424, 426, 428],
  ...[429, 431, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511],
]);

export function validateMeshRateLimit(spec: MeshRateLimit): Problem[] {
  return [
    ...gatewayDestinationProblems(spec),
    ...(['to', 'from', 'rules'] as const).flatMap((part) =>
      (spec[part] ?? []).flatMap((item, index) => confProblems(`spec.${part}[${index}].default.local`, item.default)),
    ),
    ...(spec.rules ?? []).flatMap(({ matches, default: { local } = {} }, index): Problem[] =>
      matches?.length && local?.tcp ? [mustBeAbsent(`spec.rules[${index}].default.local.tcp`, forAllClients)] : [],
    ),
    ...rulesMatchProblems(spec.rules),
  ];
}

const forAllClients = ' in a rule with matches: connections count before it is known whose they are';

function confProblems(at: string, { local }: Conf = {}): Problem[] {
  const { http, tcp } = local ?? {};
  return [
    ...atLeastOne(at, local, ['http', 'tcp']),
    ...(http ? httpProblems(`${at}.http`, http) : []),
    ...(tcp ? atLeastOne(`${at}.tcp`, tcp, ['disabled', 'connectionRate']) : []),
    ...rateProblems(`${at}.tcp.connectionRate`, tcp?.connectionRate),
  ];
}

function httpProblems(at: string, http: LocalHttp): Problem[] {
  return [
    ...atLeastOne(at, http, ['disabled', 'requestRate', 'onRateLimit']),
    ...rateProblems(`${at}.requestRate`, http.requestRate),
    ...answerProblems(`${at}.onRateLimit`, http.onRateLimit),
  ];
}

function rateProblems(at: string, { interval }: Rate = {}): Problem[] {
  const time = interval === undefined ? undefined : parseDuration(interval);
  if (time === undefined || time > shortestInterval) return [];
  return [{ field: `${at}.interval`, reason: `must be longer than 50ms; got ${JSON.stringify(interval)}` }];
}

function answerProblems(at: string, { status, headers }: OnRateLimit = {}): Problem[] {
  const count = (headers?.add?.length ?? 0) + (headers?.set?.length ?? 0);
  return [
    ...(status !== undefined && status >= 400 && !refusals.has(status)
      ? [{ field: `${at}.status`, reason: `must be a status that Envoy answers with, such as 429 or 503; got ${status}` }]
      : []),
    ...(count > mostHeaders
      ? [{ field: `${at}.headers`, reason: `must be no more than ${mostHeaders} headers, added and set; got ${count}` }]
      : []),
    ...(['add', 'set'] as const).flatMap((how) =>
      (headers?.[how] ?? []).flatMap((header, index) => headerProblems(`${at}.headers.${how}[${index}]`, header)),
    ),
  ];
}
