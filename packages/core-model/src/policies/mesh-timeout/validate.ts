import type { MeshTimeout_Conf as Conf, MeshTimeout } from '../../generated/types/kuma/mesh_timeout.ts';
import { atLeastOne, moreThanZero } from '../../resources/checks.ts';
import { rulesMatchProblems } from '../../resources/client-match.ts';
import { mustBeAbsent, type Problem } from '../../resources/resource.ts';
import { statedOf, timeoutsOfConnections } from './of-connections.ts';

const timeouts = ['connectionTimeout', 'idleTimeout', 'http'] as const;
const httpTimeouts = [
  'requestTimeout',
  'streamIdleTimeout',
  'maxStreamDuration',
  'maxConnectionDuration',
  'requestHeadersTimeout',
] as const;

interface Excluded {
  /** Paths below `default`. */
  readonly timeouts: readonly string[];
  readonly when: string;
}

/** As in Kuma: where `to` names the route all are legal and have no effect, and that of headers is here, too. */
const forRoute: Excluded = {
  timeouts: timeoutsOfConnections.filter((path) => path !== 'http.requestHeadersTimeout'),
  when: 'when spec.targetRef.kind is MeshHTTPRoute',
};
const forClients: Excluded = { timeouts: timeoutsOfConnections, when: 'in a rule with matches' };

export function validateMeshTimeout(spec: MeshTimeout): Problem[] {
  const onRoute = spec.targetRef?.kind === 'MeshHTTPRoute' ? forRoute : undefined;
  return [
    ...(['to', 'from'] as const).flatMap((part) =>
      (spec[part] ?? []).flatMap((item, i) => confProblems(`spec.${part}[${i}].default`, item.default, onRoute)),
    ),
    ...(spec.rules ?? []).flatMap((item, i) =>
      confProblems(`spec.rules[${i}].default`, item.default, item.matches?.length ? forClients : onRoute),
    ),
    ...rulesMatchProblems(spec.rules),
  ];
}

function confProblems(at: string, conf: Conf | undefined, excluded: Excluded | undefined): Problem[] {
  const missing = atLeastOne(at, conf, timeouts);
  if (!conf || missing.length > 0) return missing;
  return [
    ...moreThanZero(`${at}.connectionTimeout`, conf.connectionTimeout),
    ...(conf.http ? atLeastOne(`${at}.http`, conf.http, httpTimeouts) : []),
    ...(excluded ? exclusions(at, conf, excluded) : []),
  ];
}

function exclusions(at: string, conf: Conf, { timeouts: paths, when }: Excluded): Problem[] {
  return statedOf(conf, paths).map((path) => mustBeAbsent(`${at}.${path}`, ` ${when}: it concerns connections, not requests`));
}
