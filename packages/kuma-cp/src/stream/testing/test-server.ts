import { pino } from 'pino';
import { Registry } from 'prom-client';
import { type DataplaneServer, type DataplaneServerLimits, startDataplaneServer } from '../../dp-server/dp-server.ts';
import type { HttpHandler } from '../../dp-server/http-exchange.ts';
import { streamMetrics } from '../stream-metrics.ts';
import { MemoryHealthSessions } from './memory-health-sessions.ts';
import { MemorySessions } from './memory-sessions.ts';
import { serverCertificate } from './server-certificate.ts';

export interface TestServer extends AsyncDisposable {
  readonly server: DataplaneServer;
  readonly sessions: MemorySessions;
  readonly health: MemoryHealthSessions;
  readonly registry: Registry;
  /** PEM. */
  readonly certificate: string;
}

/** The data plane's port on a free port of loopback, over sessions that the test controls. */
export async function startTestServer(
  options: { readonly port?: number; readonly handler?: HttpHandler; readonly limits?: Partial<DataplaneServerLimits> } = {},
): Promise<TestServer> {
  const sessions = new MemorySessions();
  const health = new MemoryHealthSessions();
  const registry = new Registry();
  const { certificate, privateKey } = await serverCertificate;
  const server = await startDataplaneServer({
    host: '127.0.0.1',
    port: options.port ?? 0,
    certificate,
    privateKey,
    handler: options.handler ?? (async () => ({ status: 404 })),
    sessions,
    health,
    metrics: streamMetrics(registry),
    log: pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' }),
    ...(options.limits && { limits: options.limits }),
  });
  return { server, sessions, health, registry, certificate, [Symbol.asyncDispose]: () => server.close(0) };
}
