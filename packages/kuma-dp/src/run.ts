/**
 * All of `kuma-dp run` on one page:
 *
 *   Dataplane template, token, CA ─► work directory, readiness endpoint ─► bootstrap from the control plane ─► Envoy
 *   ─► until it dies (exit 1, with the reason) or we are told to stop (drain, exit 0)
 */
import { availableParallelism, constants } from 'node:os';
import { accessLogSocket } from '@kuma-mesh/core-model/dataplane/sidecar-sockets.ts';
import { startLogStreamer } from './access-logs/log-streamer.ts';
import { adminAddressOf } from './bootstrap/admin-address.ts';
import { connectTo, readTrust } from './bootstrap/control-plane.ts';
import { fetchBootstrap } from './bootstrap/fetch-bootstrap.ts';
import { bootstrapRequest } from './bootstrap/request.ts';
import { readToken } from './bootstrap/token.ts';
import { readDataplane } from './dataplane/read-dataplane.ts';
import { DpError } from './dp-error.ts';
import { announceDrain } from './drain/announce.ts';
import { drain } from './drain/drain.ts';
import { endEnvoy } from './drain/end-envoy.ts';
import { adminClient } from './envoy/admin-client.ts';
import { envoyBinary } from './envoy/binary.ts';
import { type EnvoyExit, type EnvoyProcess, startEnvoy } from './envoy/envoy-process.ts';
import { readEnvoyVersion } from './envoy/version.ts';
import type { Logger } from './log/logger.ts';
import { startMetrics } from './metrics/start-metrics.ts';
import { readOtelEnvironment } from './otel/environment.ts';
import { startForwarding } from './otel/start-forwarding.ts';
import { program } from './program.ts';
import { startReadinessServer } from './readiness/readiness-server.ts';
import type { RunSettings } from './settings/run-settings.ts';
import { listenForShutdown } from './shutdown-signal.ts';
import { openWorkDir } from './work-dir.ts';

/**
 * Runs a sidecar until it is stopped.
 * @returns when it was stopped in peace
 * @throws DpError when it cannot start, or Envoy died
 */
export async function run(settings: RunSettings, logger: Logger): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  let envoy: EnvoyProcess | undefined;
  const shutdown = listenForShutdown((signal) => {
    logger.warn({ signal }, 'Told to stop a second time: ending at once');
    envoy?.kill('SIGKILL');
    // The temporary folder is left to the system's cleaning; whoever says it twice wants no more waiting.
    process.exit(128 + constants.signals[signal]);
  });
  cleanup.defer(() => shutdown.dispose());

  const identity = await readDataplane(settings);
  const trust = await readTrust(settings);
  if (trust.skipVerify) logger.warn("The control plane's certificate is not checked (--skip-verify)");
  const binary = await envoyBinary(settings.binaryGiven ? settings.binaryPath : undefined, logger);
  const version = await readEnvoyVersion(binary);
  if (!version.compatible) logger.warn({ version: version.version }, 'This version of Envoy is not tested with kuma-dp');

  const { environment, problems } = readOtelEnvironment(process.env);
  for (const problem of problems) logger.warn(problem);

  const workDir = await openWorkDir(settings.workDir);
  cleanup.defer(() => workDir.remove());
  const readiness = await startReadinessServer(settings.readinessPort, workDir.path);
  cleanup.defer(() => readiness.close());
  const logs = await startLogStreamer(accessLogSocket({ workDir: workDir.path, ...identity }), logger);
  cleanup.defer(() => logs?.close());
  const token = await readToken(settings, workDir);

  const cp = connectTo(settings.cpAddress, trust);
  const { mesh, name } = identity;
  logger.info({ version: program.version, mesh, name, controlPlane: cp.address.origin, envoy: version.version }, 'Starting');
  const request = bootstrapRequest({
    settings,
    identity,
    token,
    envoy: version,
    ca: trust.ca,
    workDir: workDir.path,
    readinessPort: readiness.port,
    streamsLogs: logs !== undefined,
    otelEnvironment: environment,
  });
  const bootstrap = await fetchBootstrap(cp, request, {
    maxPause: settings.retryBackoff,
    giveUpAfter: settings.retryMaxDuration,
    signal: shutdown.first,
    logger,
  }).catch((error: unknown) => {
    if (shutdown.first.aborted) return undefined;
    throw error;
  });
  if (bootstrap === undefined) {
    logger.info('Stopped before there was an Envoy');
    return;
  }

  const adminAddress = adminAddressOf(bootstrap.yaml);
  const admin = adminClient(adminAddress);
  const metrics = await startMetrics({
    workDir: workDir.path,
    identity,
    dataplaneAddress: bootstrap.dataplaneAddress,
    admin: adminAddress,
    refreshInterval: settings.dynamicConfigurationInterval,
    logger,
  });
  cleanup.defer(() => metrics.close());
  const forwarding = startForwarding({
    workDir: workDir.path,
    environment,
    ownHost: process.env.HOST_IP || '127.0.0.1',
    refreshInterval: settings.dynamicConfigurationInterval,
    metricsAlsoTo: (backends) => metrics.sendAlsoTo(backends),
    logger,
  });
  cleanup.defer(() => forwarding.close());
  envoy = await startEnvoy({
    binary,
    bootstrapFile: await workDir.writeSecret('bootstrap.yaml', bootstrap.yaml),
    concurrency: settings.concurrency ?? Math.min(2, availableParallelism()),
    logLevel: settings.envoyLogLevel ?? settings.logLevel,
    componentLogLevel: settings.envoyComponentLogLevel,
    drainTime: settings.drainTime,
    logger,
  });
  logger.info({ pid: envoy.pid, readinessPort: readiness.port, workDir: workDir.path }, 'Envoy started');
  readiness.follow(admin);

  const gone = new AbortController();
  const exited = envoy.exited.finally(() => gone.abort());
  const exit = await Promise.race([exited, shutdown.asked]);
  if (exit) throw envoyDied(exit);

  logger.info({ signal: shutdown.first.reason, drainTime: settings.drainTime }, 'Draining');
  readiness.terminating();
  await drain({
    admin,
    announce: () => announceDrain(cp, { mesh, name, dataplaneToken: token.value }, logger),
    drainTime: settings.drainTime,
    signal: gone.signal,
    logger,
  });
  if (gone.signal.aborted) {
    logger.warn(
      'Envoy ended before its drain did; if a service manager signalled it too, have it signal kuma-dp alone (KillMode=mixed)',
    );
  }
  await endEnvoy(envoy, admin);
  logger.info('Stopped');
}

function envoyDied({ code, signal, troubles }: EnvoyExit): DpError {
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
  const last = troubles.map((line) => `\n  ${line}`).join('');
  return new DpError({
    code: 'KUMA_DP_ENVOY_DIED',
    message: `Envoy ${how}${last ? `; its last complaints:${last}` : ''}`,
    hint: signal === 'SIGKILL' ? 'If nobody killed it, the system ran out of memory.' : undefined,
  });
}
