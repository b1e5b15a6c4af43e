import { hostname } from 'node:os';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { buildApi } from './api/build-api.ts';
import { createAccess, staticAccess } from './auth/access.ts';
import { createAuthenticator } from './auth/authenticate.ts';
import { createTokenIssuer } from './auth/issue-token.ts';
import { watchTokenSecrets } from './auth/token-secrets.ts';
import { createTokenVerifier } from './auth/verify-token.ts';
import { listening } from './cli/listening.ts';
import { type Running, runProgram, version } from './cli/program.ts';
import { ensureClusterId } from './defaults/cluster-id.ts';
import { ensureDefaults } from './defaults/ensure-defaults.ts';
import { startDiagnostics } from './diagnostics/diagnostics-server.ts';
import { createCaProvisioner } from './identity/builtin-ca.ts';
import { SigningPool } from './identity/signing-pool.ts';
import { newInstanceId } from './instance.ts';
import type { Logger } from './logging/logger.ts';
import { createResourceWriter } from './resources/resource-writer.ts';
import { renderConfig } from './settings/render-config.ts';
import type { Settings } from './settings/table/index.ts';
import { openStore } from './store/open-store.ts';
import { ownCertificate } from './tls/self-signed.ts';
import { serverTls } from './tls/server-tls.ts';
import { workDirOf } from './work-dir.ts';

/**
 * Constructs every part and connects it; nothing else does. Each part takes those above it, and closing goes the other way.
 */
async function startControlPlane(settings: Settings, log: Logger): Promise<Running> {
  const parts = new AsyncDisposableStack();
  let ready = false;
  try {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const own = lazily(() => ownCertificate(workDirOf(settings)));

    const diagnosticsPort = settings['diagnostics.serverPort'];
    const diagnosticsTls = settings['diagnostics.tlsEnabled'] ? await serverTls(settings, 'diagnostics', own) : undefined;
    const diagnostics = await listening({ port: diagnosticsPort, setting: 'diagnostics.serverPort' }, () =>
      startDiagnostics({ port: diagnosticsPort, tls: diagnosticsTls, registry, ready: () => ready }),
    );
    parts.defer(() => diagnostics.close());

    const store = await openStore(settings);
    parts.defer(() => store.close());
    const zone = settings['multizone.zone.name'];
    const signing = new SigningPool();
    parts.defer(() => signing.close());
    const writer = createResourceWriter({ store, identity: { zone, mode: 'zone' }, ca: createCaProvisioner(store, signing) });
    await ensureDefaults(store, writer, {
      zone,
      skipMesh: settings['defaults.skipMeshCreation'],
      skipHostnameGenerators: settings['defaults.skipHostnameGenerators'],
      adminToken: settings['apiServer.authn.tokens.bootstrapAdminToken'],
      signing,
    });

    const tokenSecrets = watchTokenSecrets(store, (secret) => log.warn(secret, 'a signing key is no RSA key and is passed over'));
    parts.defer(() => tokenSecrets.close());
    const verify = createTokenVerifier(tokenSecrets);

    const info = { version, instanceId: newInstanceId(), clusterId: await ensureClusterId(store), hostname: hostname() };
    const api = {
      store,
      writer,
      authenticate: createAuthenticator({ localhostIsAdmin: settings['apiServer.authn.localhostIsAdmin'], verify }),
      access: createAccess(staticAccess(settings)),
      issuer: createTokenIssuer(tokenSecrets),
      info,
      config: () => renderConfig(settings),
      readOnly: settings['apiServer.readOnly'],
      rootUrl: settings['apiServer.rootUrl'],
      logger: log.child({ part: 'api' }),
    };
    if (settings['apiServer.http.enabled']) {
      const app = buildApi(api);
      parts.defer(() => app.close());
      const at = { host: settings['apiServer.http.interface'], port: settings['apiServer.http.port'] };
      await listening({ port: at.port, setting: 'apiServer.http.port' }, () => app.listen(at));
    }
    if (settings['apiServer.https.enabled']) {
      const app = buildApi({ ...api, tls: await serverTls(settings, 'apiServer.https', own) });
      parts.defer(() => app.close());
      const at = { host: settings['apiServer.https.interface'], port: settings['apiServer.https.port'] };
      await listening({ port: at.port, setting: 'apiServer.https.port' }, () => app.listen(at));
    }

    ready = true;
    log.info({ version, instance: info.instanceId, zone, store: settings['store.type'] }, 'the control plane is ready');
    return {
      close() {
        ready = false;
        return parts.disposeAsync();
      },
    };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

/** Makes a value when it is first asked for, once. */
function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

await runProgram(process.argv.slice(2), startControlPlane);
