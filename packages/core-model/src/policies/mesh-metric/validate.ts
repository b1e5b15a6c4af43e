import type {
  MeshMetric_Backend as Backend,
  MeshMetric,
  MeshMetric_Prometheus as Prometheus,
  MeshMetric_Selector as Selector,
} from '../../generated/types/kuma/mesh_metric.ts';
import { isHostName, isIpAddress } from '../../resources/addresses.ts';
import { atLeastOne, moreThanZero, unique } from '../../resources/checks.ts';
import { regularExpression } from '../../resources/regular-expression.ts';
import { mustBeAbsent, type Problem } from '../../resources/resource.ts';
import { collectorChoiceProblems } from '../backend-resource-ref.ts';
import { collectorProblem, metricsCollector } from './collector-address.ts';
import { absolutePath } from './sidecar-config.ts';

/** What the schema cannot say. References have been checked for all policies alike. */
export function validateMeshMetric({ default: conf }: MeshMetric): Problem[] {
  const at = 'spec.default';
  const missing = atLeastOne(at, conf, ['sidecar', 'applications', 'backends']);
  if (!conf || missing.length > 0) return missing;
  const { exclude = [], include = [] } = conf.sidecar?.profiles ?? {};
  const { applications = [], backends = [] } = conf;
  return [
    ...regularExpression(`${at}.sidecar.regex`, conf.sidecar?.regex),
    ...exclude.flatMap((selector, i) => selectorProblems(`${at}.sidecar.profiles.exclude[${i}]`, selector)),
    ...include.flatMap((selector, i) => selectorProblems(`${at}.sidecar.profiles.include[${i}]`, selector)),
    ...applications.flatMap(({ path, address }, i) => [
      ...pathProblems(`${at}.applications[${i}].path`, path && absolutePath(path)),
      ...hostProblems(`${at}.applications[${i}].address`, address),
    ]),
    ...backends.flatMap((backend, i) => backendProblems(`${at}.backends[${i}]`, backend)),
    ...unique(backends, clientOf, (i) => `${at}.backends[${i}].prometheus.clientId`),
    ...unique(backends, portOf, (i) => `${at}.backends[${i}].prometheus.port`),
    ...unique(backends, collectorOf, (i) => `${at}.backends[${i}].openTelemetry.endpoint`),
    ...unique(backends, referenceOf, (i) => `${at}.backends[${i}].openTelemetry.backendRef`),
  ];
}

function selectorProblems(at: string, { type, match }: Selector): Problem[] {
  return type === 'Regex' ? regularExpression(`${at}.match`, match) : [];
}

function backendProblems(at: string, { type, prometheus, openTelemetry }: Backend): Problem[] {
  const own = type === 'Prometheus' ? 'prometheus' : 'openTelemetry';
  const other = type === 'Prometheus' ? 'openTelemetry' : 'prometheus';
  const given = { prometheus, openTelemetry };
  return [
    ...(type && !given[own] ? [{ field: `${at}.${own}`, reason: `must be set when type is ${type}` }] : []),
    ...(type && given[other] ? [mustBeAbsent(`${at}.${other}`, ` when type is ${type}`)] : []),
    ...pathProblems(`${at}.prometheus.path`, prometheus?.path),
    ...(openTelemetry ? collectorChoiceProblems(`${at}.openTelemetry`, openTelemetry) : []),
    ...endpointProblems(`${at}.openTelemetry.endpoint`, openTelemetry?.endpoint),
    ...moreThanZero(`${at}.openTelemetry.refreshInterval`, openTelemetry?.refreshInterval),
  ];
}

function pathProblems(field: string, path: string | undefined): Problem[] {
  if (path === undefined || /^\/[^\s?#]*$/.test(path)) return [];
  return [{ field, reason: `must be a path that begins with /, without a query; got ${JSON.stringify(path)}` }];
}

function hostProblems(field: string, host: string | undefined): Problem[] {
  if (host === undefined || host === '' || isIpAddress(host) || isHostName(host)) return [];
  return [{ field, reason: `must be an IP address or a DNS name; got ${JSON.stringify(host)}` }];
}

function endpointProblems(field: string, endpoint: string | undefined): Problem[] {
  const reason = endpoint === undefined ? undefined : collectorProblem(endpoint);
  return reason === undefined ? [] : [{ field, reason }];
}

function clientOf({ type, prometheus }: Backend): string | undefined {
  return type === 'Prometheus' && prometheus ? `client ${JSON.stringify(prometheus.clientId ?? '')}` : undefined;
}

function portOf({ type, prometheus }: Backend): string | undefined {
  return type === 'Prometheus' && prometheus ? `port ${(prometheus as Prometheus).port ?? 5670}` : undefined;
}

function collectorOf({ type, openTelemetry }: Backend): string | undefined {
  const { endpoint } = openTelemetry ?? {};
  return type === 'OpenTelemetry' && endpoint ? `collector ${metricsCollector(endpoint).name}` : undefined;
}

function referenceOf({ openTelemetry }: Backend): string | undefined {
  const { name } = openTelemetry?.backendRef ?? {};
  return name ? `backend ${JSON.stringify(name)}` : undefined;
}
