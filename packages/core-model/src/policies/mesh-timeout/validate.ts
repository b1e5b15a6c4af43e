import type { MeshTimeout_Conf as Conf, MeshTimeout } from '../../generated/types/kuma/mesh_timeout.ts';
import { atLeastOne, moreThanZero } from '../../resources/checks.ts';
import { rulesMatchProblems } from '../../resources/client-match.ts';
import type { Problem } from '../../resources/resource.ts';

const timeouts = ['connectionTimeout', 'idleTimeout', 'http'] as const;
const httpTimeouts = [
  'requestTimeout',
  'streamIdleTimeout',
  'maxStreamDuration',
  'maxConnectionDuration',
  'requestHeadersTimeout',
] as const;
/** What concerns single requests; only this can be told of a route, or of the client that a request comes from. */
const requestTimeouts: ReadonlySet<string> = new Set(['http', 'requestTimeout', 'streamIdleTimeout']);

export function validateMeshTimeout(spec: MeshTimeout): Problem[] {
  const onRoute = spec.targetRef?.kind === 'MeshHTTPRoute' ? forRoute : undefined;
  return [
    ...(spec.to ?? []).flatMap((item, i) =>
      confProblems(`spec.to[${i}].default`, item.default, item.targetRef?.kind === 'MeshHTTPRoute' ? forRoute : onRoute),
    ),
    ...(spec.from ?? []).flatMap((item, i) => confProblems(`spec.from[${i}].default`, item.default, onRoute)),
    ...(spec.rules ?? []).flatMap((item, i) =>
      confProblems(`spec.rules[${i}].default`, item.default, item.matches?.length ? forClients : onRoute),
    ),
    ...rulesMatchProblems(spec.rules),
  ];
}

const forRoute = 'for a MeshHTTPRoute';
const forClients = 'in a rule with matches';

/** @param requestsOnly in which case only timeouts of single requests are possible */
function confProblems(at: string, conf: Conf | undefined, requestsOnly: string | undefined): Problem[] {
  const missing = atLeastOne(at, conf, timeouts);
  if (!conf || missing.length > 0) return missing;
  return [
    ...moreThanZero(`${at}.connectionTimeout`, conf.connectionTimeout),
    ...(conf.http ? atLeastOne(`${at}.http`, conf.http, httpTimeouts) : []),
    ...(requestsOnly ? ofConnections(at, conf, timeouts, requestsOnly) : []),
    ...(requestsOnly ? ofConnections(`${at}.http`, conf.http, httpTimeouts, requestsOnly) : []),
  ];
}

function ofConnections(at: string, conf: object | undefined, names: readonly string[], requestsOnly: string): Problem[] {
  return names
    .filter((name) => !requestTimeouts.has(name) && (conf as Record<string, unknown> | undefined)?.[name] !== undefined)
    .map((name) => ({
      field: `${at}.${name}`,
      reason: `must be absent ${requestsOnly}: it concerns connections, not requests`,
    }));
}
