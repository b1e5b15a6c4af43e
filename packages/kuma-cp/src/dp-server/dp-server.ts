import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import { type AdsService, addAdsService } from '../stream/ads-service.ts';
import { addHdsService } from '../stream/hds-service.ts';
import type { HealthSessions } from '../stream/health-session.ts';
import type { ProxySessions } from '../stream/session.ts';
import type { StreamMetrics } from '../stream/stream-metrics.ts';
import type { HttpHandler } from './http-exchange.ts';
import { createHttp1Port } from './http1-port.ts';
import { createHttp2Port } from './http2-port.ts';
import { createProtocolPort, type TlsVersions } from './protocol-port.ts';

export interface DataplaneServerOptions {
  /** All addresses of this host when absent. */
  readonly host?: string;
  /** 0 for any free one. */
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly privateKey: string;
  readonly tls?: TlsVersions;
  /** Everything that is not gRPC: `/bootstrap` and `/drain`. */
  readonly handler: HttpHandler;
  readonly sessions: ProxySessions;
  readonly health: HealthSessions;
  readonly metrics: StreamMetrics;
  readonly log: Logger;
  readonly limits?: Partial<DataplaneServerLimits>;
}

/** Bytes and milliseconds. */
export interface DataplaneServerLimits {
  readonly maxBody: number;
  readonly requestTimeout: number;
  readonly handshakeTimeout: number;
  readonly idleTimeout: number;
  readonly keepaliveInterval: number;
  readonly keepaliveTimeout: number;
  readonly aliveTimeout: number;
  readonly firstRequestTimeout: number;
  readonly tryAgainAfter: number;
  readonly clustersWithin: { readonly changed: number; readonly new: number };
  readonly keysLingerFor: number;
}

const defaultLimits: DataplaneServerLimits = {
  maxBody: 1024 * 1024,
  requestTimeout: 15_000,
  handshakeTimeout: 10_000,
  idleTimeout: 60_000,
  // Longer than that of Envoy, which asks first.
  keepaliveInterval: 35_000,
  keepaliveTimeout: 5_000,
  aliveTimeout: 2_000,
  firstRequestTimeout: 15_000,
  tryAgainAfter: 5_000,
  // A probe has 15 seconds where nobody says otherwise.
  clustersWithin: { changed: 2_000, new: 20_000 },
  // Time for a handshake, also one between distant hosts.
  keysLingerFor: 500,
};

export interface DataplaneServer {
  readonly port: number;
  readonly streams: AdsService;
  /** New connections are shown this certificate, PEM. */
  show(certificate: string, privateKey: string): void;
  /** Takes no more connections, ends the streams so that proxies go elsewhere, and cuts off what is left after `grace` milliseconds. */
  close(grace: number): Promise<void>;
}

/**
 * The data plane's port: bootstrap over HTTP/1.1 and HTTP/2 and the gRPC services, on one TLS listener with one certificate.
 * @throws what `listen` throws, such as EADDRINUSE
 */
export async function startDataplaneServer(options: DataplaneServerOptions): Promise<DataplaneServer> {
  const { handler, log } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const http1 = createHttp1Port(handler, limits);
  const http2 = createHttp2Port({
    handler,
    limits,
    keepalive: { interval: limits.keepaliveInterval, timeout: limits.keepaliveTimeout },
    idleTimeout: limits.idleTimeout,
    aliveTimeout: limits.aliveTimeout,
  });
  const streams = addAdsService(http2.grpc, {
    sessions: options.sessions,
    metrics: options.metrics,
    log,
    isAlive: http2.isAlive,
    firstRequestTimeout: limits.firstRequestTimeout,
    tryAgainAfter: limits.tryAgainAfter,
    clustersWithin: limits.clustersWithin,
    keysLingerFor: limits.keysLingerFor,
  });
  const healthChecks = addHdsService(http2.grpc, {
    sessions: options.health,
    log,
    firstRequestTimeout: limits.firstRequestTimeout,
  });
  const port = createProtocolPort({
    certificate: options.certificate,
    privateKey: options.privateKey,
    versions: options.tls ?? {},
    http1: (socket: TLSSocket) => http1.accept(socket),
    http2: (socket: TLSSocket) => http2.accept(socket),
    handshakeTimeout: limits.handshakeTimeout,
    log,
  });
  const { listener } = port;
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ host: options.host, port: options.port }, () => {
      listener.off('error', reject);
      resolve();
    });
  });
  return {
    port: (listener.address() as AddressInfo).port,
    streams,
    show: port.show,
    async close(grace) {
      const closed = port.close(grace);
      streams.endAll();
      healthChecks.endAll();
      http1.close();
      http2.drain(grace);
      await closed;
    },
  };
}
