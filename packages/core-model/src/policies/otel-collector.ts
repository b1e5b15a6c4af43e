import type { SocketAddress } from '../ir/index.ts';
import { byIdentity } from '../memo/by-identity.ts';
import type { OtelBackendResource } from '../snapshot/index.ts';
import { defaultCollectorPort } from './collector-address.ts';

/** A collector of OpenTelemetry as a proxy reaches it. */
export interface OtelCollector {
  /** Of its resource. */
  readonly name: string;
  readonly address: SocketAddress;
  readonly protocol: 'grpc' | 'http';
  readonly tls: boolean;
  /** What its paths begin with, over HTTP; empty or without a slash at its end. */
  readonly basePath: string;
}

/** Where a proxy looks for a collector on its own host. */
const ownHost = '127.0.0.1';
/** Nothing else says whether a collector speaks TLS. */
const securePort = 443;

/** One object for as long as the resource stays the same. */
export const otelCollector: (backend: OtelBackendResource) => OtelCollector = byIdentity(({ name, spec }) => {
  const { endpoint: { address = ownHost, port = defaultCollectorPort, path = '' } = {}, protocol = 'grpc' } = spec;
  return Object.freeze({
    name,
    address: { address, port },
    protocol,
    tls: protocol === 'http' && port === securePort,
    basePath: path.replace(/\/+$/, ''),
  });
});

/** Where a collector takes a signal over HTTP; undefined over gRPC. */
export function signalPath({ protocol, basePath }: OtelCollector, signal: 'traces' | 'metrics' | 'logs'): string | undefined {
  return protocol === 'http' ? `${basePath}/v1/${signal}` : undefined;
}
