import type { OtelConfigBackend } from '@kuma-mesh/core-model/policies/otel-config.ts';
import type { OtelEnvironment, OtlpVariables, Signal } from './environment.ts';

/** How one signal is sent to a collector. */
export interface ExportSettings {
  readonly host: string;
  readonly port: number;
  readonly protocol: 'grpc' | 'http';
  readonly path: string;
  readonly tls: false | { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

const grpcPaths: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
};
const usualTimeout = 10_000;

/** The signal that a method of gRPC is for. */
export function signalOf(path: string): Signal | undefined {
  return (Object.keys(grpcPaths) as Signal[]).find((signal) => grpcPaths[signal] === path);
}

interface Place {
  readonly host: string;
  readonly port: number;
  /** undefined where only the other settings can tell. */
  readonly tls: boolean | undefined;
  /** Over HTTP. */
  readonly path: string;
}

/**
 * Of each setting what comes first: variables of the signal, those of all signals and the backend's own fields, or the
 * backend's own fields before them.
 * @param ownHost where a collector is that nobody says anything of
 */
export function exportSettings(
  backend: OtelConfigBackend,
  signal: Signal,
  { environment, ownHost }: { readonly environment: OtelEnvironment; readonly ownHost: string },
): ExportSettings {
  const { precedence, allowSignalOverrides = false } = backend.envPolicy;
  const heeded = heedsEnvironment(backend, signal);
  const shared: OtlpVariables = heeded ? environment.shared : {};
  const ofSignal: OtlpVariables = heeded && allowSignalOverrides ? environment[signal] : {};
  const variables: OtlpVariables = { ...shared, ...ofSignal };
  const stated = statedPlace(backend, signal);
  const fromEnvironment =
    ofSignal.endpoint !== undefined
      ? placeOf(ofSignal.endpoint, '')
      : shared.endpoint !== undefined
        ? placeOf(shared.endpoint, `/v1/${signal}`)
        : undefined;
  const explicit = stated.host === '' ? undefined : stated;
  const first = precedence === 'ExplicitFirst' ? (explicit ?? fromEnvironment) : (fromEnvironment ?? explicit);
  const place = first ?? { ...stated, host: ownHost };
  const own = backend.useHTTP ? 'http' : 'grpc';
  const protocol = precedence === 'ExplicitFirst' ? own : (variables.protocol ?? own);
  return {
    host: place.host,
    port: place.port,
    protocol,
    path: protocol === 'grpc' ? grpcPaths[signal] : place.path,
    tls: tlsOf(place, variables),
    headers: variables.headers ?? {},
    gzip: variables.compression === 'gzip',
    timeout: variables.timeout ?? usualTimeout,
  };
}

/** Reasons of Kuma's control planes to leave variables alone. */
const ignoring: ReadonlySet<string> = new Set(['EnvDisabledByPlatform', 'EnvDisabledByPolicy', 'MultipleBackendsForSignal']);

/** Whether the control plane found that variables are missing which the backend cannot do without. */
export function isBlocked(backend: OtelConfigBackend, signal: Signal): boolean {
  return backend[signal]?.blockedReasons?.includes('RequiredEnvMissing') ?? false;
}

function heedsEnvironment(backend: OtelConfigBackend, signal: Signal): boolean {
  if (backend.envPolicy.mode === 'Disabled') return false;
  return !backend[signal]?.blockedReasons?.some((reason) => ignoring.has(reason));
}

function statedPlace({ endpoint, useHTTPS, path = '' }: OtelConfigBackend, signal: Signal): Place {
  const [, host = '', port = '4317'] = /^(.*):(\d+)$/.exec(endpoint) ?? [undefined, endpoint, undefined];
  const base = path.replace(/\/+$/, '');
  return {
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port),
    tls: useHTTPS ? true : undefined,
    path: `${base}/v1/${signal}`,
  };
}

/** An endpoint of all signals is what their paths begin with; one of a signal is the path itself. */
function placeOf(endpoint: string, signalPath: string): Place {
  const withScheme = endpoint.includes('://');
  const { protocol, hostname, port, pathname, search } = new URL(withScheme ? endpoint : `http://${endpoint}`);
  const tls = protocol === 'https:';
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (tls ? 443 : 80) : Number(port),
    tls: withScheme ? tls : undefined,
    path: (signalPath === '' ? pathname : pathname.replace(/\/+$/, '') + signalPath) + search,
  };
}

/** Where no scheme says it, TLS is spoken if that is asked for, or if there is something to speak it with. */
function tlsOf({ tls }: Place, variables: OtlpVariables): ExportSettings['tls'] {
  const { insecure, certificate: ca, clientCertificate: cert, clientKey: key } = variables;
  const wanted = tls ?? (insecure === undefined ? Boolean(ca || cert) : !insecure);
  return wanted && { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
}
