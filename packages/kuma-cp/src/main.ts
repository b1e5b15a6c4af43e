import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { buildApi } from './api/build-api.ts';
import { createEnvoyAdmin } from './api/inspection/envoy-admin.ts';
import type { AskServing } from './api/inspection/live-proxy.ts';
import { createAccess, staticAccess } from './auth/access.ts';
import { createAuthenticator } from './auth/authenticate.ts';
import { createDataplaneTokenVerifier, type VerifyDataplaneToken } from './auth/dataplane-token.ts';
import { createTokenIssuer } from './auth/issue-token.ts';
import { watchTokenSecrets } from './auth/token-secrets.ts';
import { createTokenVerifier } from './auth/verify-token.ts';
import { listening } from './cli/listening.ts';
import { type Running, runProgram, version } from './cli/program.ts';
import { bootstrapSettings, probeDefaults } from './cli/settings-of-parts.ts';
import { aloneCluster } from './cluster/cluster.ts';
import { clusterMetrics } from './cluster/cluster-metrics.ts';
import { SharedCluster } from './cluster/shared-cluster.ts';
import { ensureClusterId } from './defaults/cluster-id.ts';
import { ensureDefaults } from './defaults/ensure-defaults.ts';
import { ensureEnvoyAdminKeys } from './defaults/envoy-admin-keys.ts';
import { startDiagnostics } from './diagnostics/diagnostics-server.ts';
import { createBootstrapHandler } from './dp-server/bootstrap/bootstrap-handler.ts';
import { startDataplaneServer } from './dp-server/dp-server.ts';
import { createDrainHandler } from './dp-server/drain-handler.ts';
import { routePaths } from './dp-server/route-paths.ts';
import { followStore } from './feed/follow-store.ts';
import { ServiceHealth } from './health/service-health.ts';
import { createCaProvisioner } from './identity/builtin-ca.ts';
import { Conductor } from './identity/conductor.ts';
import { Identity } from './identity/identity.ts';
import { SigningPool } from './identity/signing-pool.ts';
import { Insights } from './insights/insights.ts';
import { insightsMetrics } from './insights/insights-metrics.ts';
import { newInstanceId } from './instance.ts';
import { createInterCpClient } from './inter-cp/inter-cp-client.ts';
import { createInterCpKeys } from './inter-cp/inter-cp-keys.ts';
import { startInterCpServer } from './inter-cp/inter-cp-server.ts';
import { ownAddress } from './inter-cp/own-address.ts';
import { DataplaneLifecycle } from './lifecycle/dataplane-lifecycle.ts';
import type { Logger } from './logging/logger.ts';
import { MonitoringAssignments } from './mads/assignments.ts';
import { startMadsServer } from './mads/mads-server.ts';
import { Pipeline } from './pipeline/pipeline.ts';
import { pipelineMetrics } from './pipeline/pipeline-metrics.ts';
import { createResourceWriter } from './resources/resource-writer.ts';
import { createProxySessions } from './sessions/proxy-sessions.ts';
import { renderConfig } from './settings/render-config.ts';
import type { Settings } from './settings/table/index.ts';
import { openStore } from './store/open-store.ts';
import { streamMetrics } from './stream/stream-metrics.ts';
import { quickCertificate } from './tls/quick-certificate.ts';
import { ownCertificate } from './tls/self-signed.ts';
import { serverTls, showsOwn } from './tls/server-tls.ts';
import { certificateAmongMany } from './tls/shared-authority.ts';
import { workDirOf } from './work-dir.ts';

/**
 * Small buffers lie in slabs of this size, which one of them keeps whole. With Node's own size the few bytes that thousands
 * of idle connections keep each would hold 64 KiB.
 */
Buffer.poolSize = 8 * 1024;

/** Milliseconds that open connections of the data plane have to end when the control plane stops. */
const drainTime = 5000;

/** Constructs every part and connects it; nothing else does. Parts end in the reverse order. */
async function startControlPlane(settings: Settings, log: Logger): Promise<Running> {
  await using parts = new AsyncDisposableStack();
  const logOf = (part: string) => log.child({ part });
  const workDir = workDirOf(settings);
  const own = ownCertificate(workDir);
  const zone = settings['multizone.zone.name'];
  const instanceId = newInstanceId();

  // What is seen of the process; first up and last down.
  const registry = new Registry();
  // It wakes the process so often (milliseconds), with Node's own value a hundred times a second.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  let ready = false;
  const diagnostics = await listening('diagnostics', settings, async ({ port }) =>
    startDiagnostics({
      port,
      tls: settings['diagnostics.tlsEnabled'] ? await serverTls(settings, 'diagnostics', own) : undefined,
      registry,
      ready: () => ready,
    }),
  );
  parts.defer(() => diagnostics.close());

  // Resources, who writes them, and what is there from the beginning.
  const store = await openStore(settings, { instanceId, log: logOf('store') });
  parts.defer(() => store.close());
  const certificate = store.join ? certificateAmongMany(store, { workDir, own }) : own;
  const signing = new SigningPool();
  parts.defer(() => signing.close());
  const writer = createResourceWriter({
    store,
    identity: { zone, mode: 'zone' },
    ca: createCaProvisioner(store, signing),
    serviceProbes: settings['dpServer.hds.enabled'],
  });
  await ensureDefaults(store, writer, {
    zone,
    skipMesh: settings['defaults.skipMeshCreation'],
    skipHostnameGenerators: settings['defaults.skipHostnameGenerators'],
    adminToken: settings['apiServer.authn.tokens.bootstrapAdminToken'],
    signing,
  });

  // Tokens.
  const unreadable = (secret: object) => logOf('auth').warn(secret, 'a signing key is not an RSA key in PEM and is passed over');
  const tokenSecrets = watchTokenSecrets(store, unreadable);
  parts.defer(() => tokenSecrets.close());
  const verify = createTokenVerifier(tokenSecrets);
  const dpTokens = settings['dpServer.authn.dpProxy.type'] !== 'none';
  const verifyToken: VerifyDataplaneToken = dpTokens ? createDataplaneTokenVerifier(verify) : async () => ({ ok: true });

  // From the feed to what proxies get.
  const cluster = store.join ? new SharedCluster(instanceId, logOf('cluster')) : aloneCluster(instanceId);
  clusterMetrics(registry, cluster, store);
  const identity = new Identity({ pool: signing, insights: store.insights, shared: cluster.shared, log: logOf('identity') });
  parts.defer(() => identity.close());
  const insights = new Insights({
    store: store.insights,
    resources: store,
    cluster,
    log: logOf('insights'),
    flushInterval: settings['xdsServer.dataplaneStatusFlushInterval'],
  });
  parts.defer(() => insights.close());
  insightsMetrics(registry, insights);
  const pipeline = new Pipeline({ secrets: identity, metrics: pipelineMetrics(registry), log: logOf('pipeline') });
  parts.defer(() => pipeline.close());
  const interCpKeys = cluster.shared ? await createInterCpKeys(store, signing, instanceId) : undefined;
  const others = interCpKeys && createInterCpClient(interCpKeys);
  parts.defer(() => others?.close());
  const lifecycle = new DataplaneLifecycle({
    store,
    writer,
    cluster,
    aliveElsewhere: others?.alive,
    verifyToken,
    zone,
    deregistrationDelay: settings['xdsServer.dataplaneDeregistrationDelay'],
    log: logOf('lifecycle'),
  });
  parts.defer(() => lifecycle.close());
  lifecycle.onGone((proxy, everywhere) => {
    identity.forget(proxy);
    if (everywhere) void insights.gone(proxy);
  });
  lifecycle.onMoved((proxy) => insights.moved(proxy));
  const assignments = new MonitoringAssignments({
    meshes: pipeline,
    interval: settings['monitoringAssignmentServer.assignmentRefreshInterval'],
  });
  parts.defer(() => assignments.close());
  const health = new ServiceHealth({
    store,
    writer,
    verifyToken,
    defaults: probeDefaults(settings),
    patience: settings['xdsServer.dataplaneDeregistrationDelay'],
    log: logOf('health'),
  });
  parts.defer(await followStore(store, [identity, insights, pipeline, assignments, lifecycle, health]));

  // Proxies.
  const adminKeys = await ensureEnvoyAdminKeys(store, signing);
  const adminAccess = { clientCa: adminKeys.ca, server: adminKeys.server };
  const sessions = createProxySessions({ lifecycle, pipeline, insights, secrets: identity, zone, adminAccess });
  const dpTls = await serverTls(settings, 'dpServer', certificate);
  const dpLog = logOf('dp-server');
  const bootstrap = createBootstrapHandler({
    store,
    certificate: dpTls.cert,
    port: () => dpServer.port,
    settings: bootstrapSettings(settings),
    log: dpLog,
  });
  const dpServer = await listening('dpServer', settings, ({ port }) =>
    startDataplaneServer({
      port,
      certificate: dpTls.cert,
      privateKey: dpTls.key,
      tls: dpTls,
      handler: routePaths({ '/bootstrap': bootstrap, '/drain': createDrainHandler(sessions) }, dpLog),
      sessions,
      health,
      metrics: streamMetrics(registry),
      log: dpLog,
    }),
  );
  parts.defer(() => dpServer.close(drainTime));
  if (showsOwn(settings, 'dpServer')) {
    // Not waited for: it is shown from when it is there.
    quickCertificate(signing, dpTls).then(
      (quick) => quick && dpServer.show(quick.cert, quick.key),
      (err) => dpLog.warn({ err }, 'handshakes go on with the slower key'),
    );
  }

  // The other control planes on the store.
  const askEnvoy = createEnvoyAdmin(adminKeys);
  const ports: Record<string, number> = { diagnostics: diagnostics.port, dataPlane: dpServer.port };
  if (interCpKeys && others && cluster instanceof SharedCluster) {
    const conductor = new Conductor({
      store,
      cluster,
      meshes: () => identity.meshes,
      onTrustChanged: (listener) => identity.onTrustChanged(listener),
      ask: others.trust,
      log: logOf('identity'),
    });
    parts.defer(() => conductor.close());
    const interCp = await listening('interCp', settings, ({ port }) =>
      startInterCpServer({
        port,
        keys: interCpKeys,
        meshes: pipeline,
        askEnvoy,
        zone,
        alive: (proxy) => lifecycle.alive(proxy),
        trust: (mesh) => identity.trustReport(mesh),
        log: logOf('inter-cp'),
      }),
    );
    parts.defer(() => interCp.close());
    ports.interCp = interCp.port;
    await cluster.join(store, { address: ownAddress(settings['interCp.catalog.instanceAddress']), port: interCp.port });
  }

  const askServing: AskServing = (proxy, path) => {
    const instance = lifecycle.instanceOf(proxy);
    return instance && instance.id !== instanceId ? others?.get(instance, path) : undefined;
  };

  // Prometheus, which is told what to scrape.
  const mads = await listening('monitoringAssignmentServer', settings, async ({ port }) =>
    startMadsServer({
      port,
      tls: settings['monitoringAssignmentServer.tlsEnabled']
        ? await serverTls(settings, 'monitoringAssignmentServer', certificate)
        : undefined,
      assignments,
      fetchTimeout: settings['monitoringAssignmentServer.defaultFetchTimeout'],
      log: logOf('mads'),
    }),
  );
  parts.defer(() => mads.close());
  ports.mads = mads.port;

  // People and programs.
  const api = {
    store,
    writer,
    insights,
    meshes: pipeline,
    askEnvoy,
    askServing,
    zone,
    authenticate: createAuthenticator({ localhostIsAdmin: settings['apiServer.authn.localhostIsAdmin'], verify }),
    access: createAccess(staticAccess(settings)),
    issuer: createTokenIssuer(tokenSecrets),
    info: { version, instanceId, clusterId: await ensureClusterId(store), hostname: hostname() },
    config: () => renderConfig(settings),
    readOnly: settings['apiServer.readOnly'],
    rootUrl: settings['apiServer.rootUrl'],
    logger: logOf('api'),
  };
  for (const protocol of ['http', 'https'] as const) {
    if (!settings[`apiServer.${protocol}.enabled`]) continue;
    const tls = protocol === 'https' ? await serverTls(settings, 'apiServer.https', certificate) : undefined;
    const app = buildApi({ ...api, tls });
    parts.defer(() => app.close());
    await listening(`apiServer.${protocol}`, settings, (at) => app.listen(at));
    ports[protocol] = (app.server.address() as AddressInfo).port;
  }

  const running = parts.move();
  ready = true;
  log.info({ version, instanceId, zone, store: settings['store.type'], ports }, 'the control plane is ready');
  return {
    close() {
      ready = false;
      return running.disposeAsync();
    },
  };
}

await runProgram(process.argv.slice(2), startControlPlane);
