import type { AddressInfo } from 'node:net';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import pino from 'pino';
import { Registry } from 'prom-client';
import { createAccess, type StaticAccess, staticAccess } from '../auth/access.ts';
import { createAuthenticator } from '../auth/authenticate.ts';
import { createTokenIssuer } from '../auth/issue-token.ts';
import { watchTokenSecrets } from '../auth/token-secrets.ts';
import { createTokenVerifier } from '../auth/verify-token.ts';
import { aloneCluster } from '../cluster/cluster.ts';
import { ensureDefaults } from '../defaults/ensure-defaults.ts';
import { ensureEnvoyAdminKeys } from '../defaults/envoy-admin-keys.ts';
import { followStore } from '../feed/follow-store.ts';
import { createCaProvisioner } from '../identity/builtin-ca.ts';
import { Identity } from '../identity/identity.ts';
import { SigningPool } from '../identity/signing-pool.ts';
import { Insights } from '../insights/insights.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { pipelineMetrics } from '../pipeline/pipeline-metrics.ts';
import { createResourceWriter, type ResourceWriter } from '../resources/resource-writer.ts';
import { defaultSettings } from '../settings/load-settings.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import type { ResourceStore } from '../store/store.ts';
import { buildApi } from './build-api.ts';
import { createEnvoyAdmin } from './inspection/envoy-admin.ts';

/** A control plane's API over a memory store as it is after a first start, wired of the real parts. */
export interface ApiFixture {
  readonly app: FastifyInstance;
  readonly store: ResourceStore;
  readonly pipeline: Pipeline;
  readonly writer: ResourceWriter;
  /** A request from this host, so by the admin. */
  request(method: string, url: string, body?: unknown, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  /** The same from another host. */
  requestFrom(
    remoteAddress: string,
    method: string,
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<LightMyRequestResponse>;
  listen(): Promise<string>;
  close(): Promise<void>;
}

export interface ApiFixtureOptions {
  readonly localhostIsAdmin?: boolean;
  readonly access?: Partial<StaticAccess>;
  readonly readOnly?: boolean;
  readonly rootUrl?: string;
  /** `stored`: those that a test has put into the store. */
  readonly insights?: 'seen' | 'stored';
}

export async function startApiFixture(options: ApiFixtureOptions = {}): Promise<ApiFixture> {
  const store = createMemoryStore();
  const pool = new SigningPool();
  const writer = createResourceWriter({
    store,
    identity: { zone: 'default', mode: 'zone' },
    ca: createCaProvisioner(store, pool),
    serviceProbes: true,
  });
  await ensureDefaults(store, writer, {
    zone: 'default',
    skipMesh: false,
    skipHostnameGenerators: false,
    adminToken: true,
    signing: pool,
  });
  const log = pino({ level: 'silent' });
  const identity = new Identity({ pool, insights: store.insights, log });
  const insights = new Insights({ store: store.insights, resources: store, cluster: aloneCluster('cp-1'), log });
  const pipeline = new Pipeline({ secrets: identity, metrics: pipelineMetrics(new Registry()), log });
  const stopFollowing = await followStore(store, [identity, insights, pipeline]);
  const secrets = watchTokenSecrets(store, () => undefined);
  const verify = createTokenVerifier(secrets);
  const app = buildApi({
    store,
    writer,
    insights: options.insights === 'stored' ? store.insights : insights,
    meshes: pipeline,
    askEnvoy: createEnvoyAdmin(await ensureEnvoyAdminKeys(store, pool)),
    zone: 'default',
    authenticate: createAuthenticator({ localhostIsAdmin: options.localhostIsAdmin ?? true, verify }),
    access: createAccess({ ...staticAccess(defaultSettings()), ...options.access }),
    issuer: createTokenIssuer(secrets),
    info: { version: '0.1.0', instanceId: 'cp-1', clusterId: 'cluster-1', hostname: 'host-1' },
    config: () => ({ mode: 'zone' }),
    readOnly: options.readOnly ?? false,
    rootUrl: options.rootUrl ?? '',
  });
  const requestFrom: ApiFixture['requestFrom'] = (remoteAddress, method, url, body, headers = {}) =>
    app.inject({
      method: method as 'GET',
      url,
      remoteAddress,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return {
    app,
    store,
    pipeline,
    writer,
    requestFrom,
    request: (...args) => requestFrom('127.0.0.1', ...args),
    async listen() {
      await app.listen({ host: '127.0.0.1', port: 0 });
      return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    },
    async close() {
      stopFollowing();
      secrets.close();
      await app.close();
      pipeline.close();
      await insights.close();
      await identity.close();
      await pool.close();
      await store.close();
    },
  };
}
