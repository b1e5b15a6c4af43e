import type { MeshTimeout_Conf as Conf, MeshTimeout } from '../../generated/types/kuma/mesh_timeout.ts';
import { atLeastOne, moreThanZero } from '../../resources/checks.ts';
import type { Problem } from '../../resources/resource.ts';

const timeouts = ['connectionTimeout', 'idleTimeout', 'http'] as const;
const httpTimeouts = [
  'requestTimeout',
  'streamIdleTimeout',
  'maxStreamDuration',
  'maxConnectionDuration',
  'requestHeadersTimeout',
] as const;
/** What Envoy can set for one route, and not only for a connection. */
const routeTimeouts: ReadonlySet<string> = new Set(['http', 'requestTimeout', 'streamIdleTimeout']);

export function validateMeshTimeout(spec: MeshTimeout): Problem[] {
  const onRoute = spec.targetRef?.kind === 'MeshHTTPRoute';
  return [
    ...(spec.to ?? []).flatMap((item, i) =>
      confProblems(`spec.to[${i}].default`, item.default, onRoute || item.targetRef?.kind === 'MeshHTTPRoute'),
    ),
    ...(spec.from ?? []).flatMap((item, i) => confProblems(`spec.from[${i}].default`, item.default, onRoute)),
    ...(spec.rules ?? []).flatMap((item, i) => confProblems(`spec.rules[${i}].default`, item.default, onRoute)),
  ];
}

function confProblems(at: string, conf: Conf | undefined, onRoute: boolean): Problem[] {
  const missing = atLeastOne(at, conf, timeouts);
  if (!conf || missing.length > 0) return missing;
  return [
    ...moreThanZero(`${at}.connectionTimeout`, conf.connectionTimeout),
    ...(conf.http ? atLeastOne(`${at}.http`, conf.http, httpTimeouts) : []),
    ...(onRoute ? [...ofConnections(at, conf, timeouts), ...ofConnections(`${at}.http`, conf.http, httpTimeouts)] : []),
  ];
}

function ofConnections(at: string, conf: object | undefined, names: readonly string[]): Problem[] {
  return names
    .filter((name) => !routeTimeouts.has(name) && (conf as Record<string, unknown> | undefined)?.[name] !== undefined)
    .map((name) => ({
      field: `${at}.${name}`,
      reason: 'must be absent for a MeshHTTPRoute: it concerns connections, not requests',
    }));
}
