import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { meshNotFound } from '../api/api-error.ts';
import { handleErrors } from '../api/error-handling.ts';
import type { AskEnvoy } from '../api/inspection/envoy-admin.ts';
import { addEnvoyAdminRoutes } from '../api/inspection/envoy-admin-routes.ts';
import type { InspectedMeshes } from '../api/inspection/inspected-meshes.ts';
import { addLiveConfigRoute } from '../api/inspection/live-config-route.ts';
import { addPath, pathParameter } from '../api/routes.ts';
import type { TrustReport } from '../identity/shared-trust.ts';
import type { ProxyKey } from '../pipeline/proxy-key.ts';
import type { InterCpKeys } from './inter-cp-keys.ts';

export interface InterCpServerOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly keys: InterCpKeys;
  readonly meshes: InspectedMeshes;
  readonly askEnvoy: AskEnvoy;
  readonly zone: string;
  /** Whether a proxy has a stream here whose peer still answers. */
  readonly alive: (proxy: ProxyKey) => Promise<boolean>;
  /** What the proxies have that are served here; undefined when there is no such mesh. */
  readonly trust: (mesh: string) => TrustReport | undefined;
  readonly log: Logger;
}

export interface InterCpServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * What a control plane tells the others of the proxies that it serves, over mutual TLS. Who may see it is decided where the
 * user's request came in.
 * @throws what `listen` throws, such as EADDRINUSE
 */
export async function startInterCpServer(options: InterCpServerOptions): Promise<InterCpServer> {
  const { keys, port, log, alive, trust } = options;
  const app = Fastify({
    loggerInstance: log,
    https: { ca: keys.ca, cert: keys.certificate, key: keys.key, requestCert: true, rejectUnauthorized: true },
    // Who asks, and how it went, is in the log of the control plane that was asked first.
    logController: new LogController({ disableRequestLogging: true }),
  }) as unknown as FastifyInstance;
  handleErrors(app);
  app.decorateRequest('user');
  const everything = { ...options, access: () => ({ allowed: true }) as const };
  addEnvoyAdminRoutes(app, everything);
  addLiveConfigRoute(app, everything);
  addPath(app, '/meshes/:mesh/dataplanes/:name/alive', {
    GET: async (request) => ({
      alive: await alive({ mesh: pathParameter(request, 'mesh'), name: pathParameter(request, 'name') }),
    }),
  });
  addPath(app, '/meshes/:mesh/trust', {
    GET: (request) => {
      const mesh = pathParameter(request, 'mesh');
      const report = trust(mesh);
      if (!report) throw meshNotFound(mesh);
      return report;
    },
  });
  await app.listen({ port, host: '::' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EAFNOSUPPORT') throw error;
    return app.listen({ port, host: '0.0.0.0' });
  });
  return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
}
