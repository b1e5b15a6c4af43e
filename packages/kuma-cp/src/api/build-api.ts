import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Access } from '../auth/access.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { TokenIssuer } from '../auth/issue-token.ts';
import { anonymous } from '../auth/user.ts';
import type { ResourceWriter } from '../resources/resource-writer.ts';
import type { ResourceStore } from '../store/store.ts';
import { answerFrameworkError, handleErrors } from './error-handling.ts';
import { keepFresh } from './freshness.ts';
import { addGlobalInsightRoutes } from './global-insight-routes.ts';
import { addGuiRoutes } from './gui-routes.ts';
import type { AskEnvoy } from './inspection/envoy-admin.ts';
import { addEnvoyAdminRoutes } from './inspection/envoy-admin-routes.ts';
import type { InspectedMeshes } from './inspection/inspected-meshes.ts';
import { addInspectionRoutes } from './inspection/inspection-routes.ts';
import { addLiveConfigRoute } from './inspection/live-config-route.ts';
import type { AskServing } from './inspection/live-proxy.ts';
import { stateJsonPlainly, takeBodiesAsText } from './json-body.ts';
import { addKriRoutes } from './kri-routes.ts';
import { checkMediaTypes } from './media-types.ts';
import { addOverviewRoutes } from './overview-routes.ts';
import { logRequests } from './request-log.ts';
import { createUrlOf } from './request-url.ts';
import { authenticateRequest } from './request-user.ts';
import { createResourceReader, type InsightReader } from './resource-reader.ts';
import { addResourceRoutes } from './resource-routes.ts';
import { addSystemRoutes, type ControlPlaneInfo } from './system-routes.ts';
import { addTokenRoutes } from './token-routes.ts';

export interface ApiOptions {
  readonly store: ResourceStore;
  readonly writer: ResourceWriter;
  /** What is seen of proxies, services and meshes; the store's own may be a moment old. */
  readonly insights: InsightReader;
  /** Meshes and proxies as the pipeline follows them. */
  readonly meshes: InspectedMeshes;
  readonly askEnvoy: AskEnvoy;
  /** Absent where there is no other control plane on the store. */
  readonly askServing?: AskServing | undefined;
  /** Name of the control plane's zone. */
  readonly zone: string;
  readonly authenticate: Authenticate;
  readonly access: Access;
  readonly issuer: TokenIssuer;
  readonly info: ControlPlaneInfo;
  /** The settings in effect, secrets masked. */
  readonly config: () => unknown;
  /** Setting `apiServer.readOnly`. */
  readonly readOnly: boolean;
  /** Setting `apiServer.rootUrl`. */
  readonly rootUrl: string;
  readonly logger?: FastifyBaseLogger | undefined;
  /** Key and certificate chain, PEM; plain HTTP without them. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
}

const bodyLimit = 10 * 1024 * 1024;

/** The HTTP API, not listening yet. One for HTTP and one for HTTPS share all of the options but `tls`. */
export function buildApi(options: ApiOptions): FastifyInstance {
  const app = Fastify({
    bodyLimit,
    // Who sends a request this slowly only holds a connection.
    requestTimeout: 60_000,
    // One line a request is written at debug level; Fastify's own are at info.
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: answerFrameworkError,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
    ...(options.logger && { loggerInstance: options.logger }),
    ...(options.tls && { https: options.tls }),
  }) as FastifyInstance;
  app.decorateRequest('user');
  takeBodiesAsText(app);
  handleErrors(app);
  stateJsonPlainly(app);
  logRequests(app);
  app.addHook('onRequest', async (request) => {
    if (request.is404) return;
    checkMediaTypes(request);
    const { public: isPublic } = request.routeOptions.config;
    request.user = isPublic ? anonymous : await authenticateRequest(request, options.authenticate);
  });
  keepFresh(app, options.store);

  const { insights } = options;
  const reader = createResourceReader(options.store, insights);
  const urlOf = createUrlOf(options.rootUrl);
  addSystemRoutes(app, { ...options, urlOf });
  addGuiRoutes(app);
  addTokenRoutes(app, options);
  addGlobalInsightRoutes(app, options.store, insights);
  addOverviewRoutes(app, { reader, insights, urlOf });
  addKriRoutes(app, reader);
  addInspectionRoutes(app, { ...options, urlOf });
  addLiveConfigRoute(app, options);
  addEnvoyAdminRoutes(app, options);
  addResourceRoutes(app, { ...options, reader, urlOf });
  return app;
}
