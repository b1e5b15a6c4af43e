import type { AccessLogIr, SpiffeIdIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { AccessLogFilter } from '@kuma-mesh/envoy-api/generated/envoy/config/accesslog/v3/accesslog.ts';
import { ExpressionFilter } from '@kuma-mesh/envoy-api/generated/envoy/extensions/access_loggers/filters/cel/v3/cel.ts';
import { extension } from '../envoy/pack.ts';

/** Only requests on some routes or on the others, and only traffic of some clients; undefined where all is logged. */
export function logFilter({ routes, clients }: Pick<AccessLogIr, 'routes' | 'clients'>): AccessLogFilter | undefined {
  const conditions = [...(routes ? [onRoutes(routes)] : []), ...(clients ? [ofClients(clients)] : [])];
  if (conditions.length === 0) return undefined;
  const expression = conditions.length === 1 ? conditions[0]! : conditions.map((each) => `(${each})`).join(' && ');
  return {
    filterSpecifier: {
      $case: 'extensionFilter',
      value: extension('envoy.access_loggers.extension_filters.cel', ExpressionFilter, { expression }),
    },
  };
}

function onRoutes({ kind, names }: NonNullable<AccessLogIr['routes']>): string {
  const isOneOf = `xds.route_name in ${JSON.stringify(names)}`;
  return kind === 'only' ? isOneOf : `!(${isOneOf})`;
}

/** The first URI of a certificate, which is a client's SPIFFE id. Nothing can be asked of it where there is no certificate. */
const id = 'connection.uri_san_peer_certificate';

function ofClients(clients: NonNullable<AccessLogIr['clients']>): string {
  if (clients.kind === 'except') return `!(${withId(isOneOf(clients.matches))})`;
  const whole = clients.ranges.filter(({ except }) => except.length === 0).map(({ match }) => match);
  const inParts = clients.ranges.filter(({ except }) => except.length > 0);
  return withId(
    [
      ...(whole.length > 0 ? [isOneOf(whole)] : []),
      ...inParts.map(({ match, except }) => `${isOneOf([match])} && !(${isOneOf(except)})`),
    ].join(' || '),
  );
}

function withId(condition: string): string {
  return `has(${id}) && (${condition})`;
}

function isOneOf(matches: readonly SpiffeIdIr[]): string {
  const values = (kind: SpiffeIdIr['match']) => matches.filter(({ match }) => match === kind).map(({ value }) => text(value));
  const exact = values('exact');
  return [
    ...(exact.length > 1 ? [`${id} in [${exact.join(', ')}]`] : exact.map((value) => `${id} == ${value}`)),
    ...values('prefix').map((value) => `${id}.startsWith(${value})`),
  ].join(' || ');
}

/** CEL has the escapes of JSON, but no halves of surrogate pairs, which no certificate has either. */
function text(value: string): string {
  return JSON.stringify(value.toWellFormed());
}
