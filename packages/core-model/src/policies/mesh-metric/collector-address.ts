import { hostPort, type SocketAddress } from '../../ir/index.ts';
import { addressProblem, collectorAt, defaultCollectorPort } from '../collector-address.ts';

/** A collector that takes OTLP over gRPC. */
export interface MetricsCollector {
  readonly address: SocketAddress;
  readonly tls: boolean;
  /** Of the backend, where it needs one: `collector-4317`. */
  readonly name: string;
}

const scheme = /^https?:\/\//;

/** Reads `host`, `host:port`, or either behind `http://` or, for TLS, `https://`. */
export function metricsCollector(endpoint: string): MetricsCollector {
  const address = collectorAt(withoutScheme(endpoint), defaultCollectorPort);
  const name = hostPort(address.address, address.port)
    .replaceAll(/[:[\]]+/g, '-')
    .replace(/^-/, '');
  return { address, tls: endpoint.startsWith('https://'), name };
}

/** What an endpoint should be, when it is not. */
export function collectorProblem(endpoint: string): string | undefined {
  return addressProblem(withoutScheme(endpoint), defaultCollectorPort);
}

function withoutScheme(endpoint: string): string {
  return scheme.test(endpoint) ? endpoint.replace(scheme, '').replace(/\/$/, '') : endpoint;
}
