/**
 *   resource ─► OtelCollector ─┬─► Envoy sends to it
 *                              ╰─► Envoy sends to the sidecar, which sends on: where variables of its environment have a say,
 *                                  whose values the control plane never learns
 */
import { otelForwardSocket } from '../dataplane/sidecar-sockets.ts';
import type { CollectorIr, OtelForwardIr, SocketAddress } from '../ir/index.ts';
import { byIdentity } from '../memo/by-identity.ts';
import type { OtelBackendResource } from '../snapshot/index.ts';
import { defaultCollectorPort } from './collector-address.ts';

export type Signal = 'traces' | 'metrics' | 'logs';

/** Of which signals variables of a sidecar's environment say something; `shared` of all. */
export type SidecarEnvironment = Readonly<Record<Signal | 'shared', boolean>>;

/** A collector of OpenTelemetry as its resource says. */
export interface OtelCollector {
  /** Of its resource. */
  readonly name: string;
  /** Absent: a proxy's own host. */
  readonly host: string | undefined;
  readonly port: number;
  readonly protocol: 'grpc' | 'http';
  readonly tls: boolean;
  /** What its paths begin with, over HTTP; empty or without a slash at its end. */
  readonly basePath: string;
  readonly env: OtelForwardIr['env'] | { readonly mode: 'Disabled' };
}

/** How a proxy sends a signal to a collector. */
export interface OtelTarget {
  /** Of the collector. */
  readonly name: string;
  readonly collector: Omit<CollectorIr, 'cluster'>;
  /** Over HTTP; gRPC when absent. */
  readonly path?: string;
}

const ownHost = '127.0.0.1';
/** Nothing else says whether a collector speaks TLS. */
const securePort = 443;

/** One object for as long as the resource stays the same. */
export const otelCollector: (backend: OtelBackendResource) => OtelCollector = byIdentity(({ name, spec }) => {
  const { endpoint: { address, port = defaultCollectorPort, path = '' } = {}, protocol = 'grpc', env = {} } = spec;
  const { mode = 'Optional', precedence = 'EnvFirst', allowSignalOverrides = true } = env;
  return Object.freeze({
    name,
    host: address,
    port,
    protocol,
    tls: protocol === 'http' && port === securePort,
    basePath: path.replace(/\/+$/, ''),
    env: mode === 'Disabled' ? { mode } : { mode, precedence, allowSignalOverrides },
  });
});

/** Whether variables of the environment count for a signal. */
export function heeds({ env }: OtelCollector, signal: Signal, environment: SidecarEnvironment | undefined): boolean {
  if (environment === undefined || env.mode === 'Disabled') return false;
  return environment.shared || (env.allowSignalOverrides && environment[signal]);
}

export function directTarget({ name, host = ownHost, port, protocol, tls, basePath }: OtelCollector, signal: Signal): OtelTarget {
  const address: SocketAddress = { address: host, port };
  const path = protocol === 'http' ? { path: `${basePath}/v1/${signal}` } : {};
  return { name, collector: { address, protocol, tls }, ...path };
}

/** By way of the sidecar, which takes gRPC. */
export function forwardedTarget({ host, env, ...collector }: OtelCollector, workDir: string): OtelTarget | undefined {
  if (env.mode === 'Disabled') return undefined;
  const { name, port } = collector;
  const forward = { ...collector, ...(host !== undefined && { host }), socket: otelForwardSocket(workDir, name), env };
  return { name, collector: { address: { address: host ?? ownHost, port }, protocol: 'grpc', tls: false, forward } };
}
