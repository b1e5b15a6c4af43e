/**
 *   Envoy, otlp/exporters ─► forwarder ─► sender ─► a collector
 *                                           ╰── export-settings: what the control plane says, and the environment
 */
import { isDeepStrictEqual } from 'node:util';
import { otelConfigPath, sidecarConfigSocket } from '@kuma-mesh/core-model/dataplane/sidecar-sockets.ts';
import type { MetricsConfigBackend } from '@kuma-mesh/core-model/policies/mesh-metric/sidecar-config.ts';
import type { OtelConfig, OtelConfigBackend } from '@kuma-mesh/core-model/policies/otel-config.ts';
import type { Logger } from '../log/logger.ts';
import { watchConfig } from '../sidecar-config/config-watch.ts';
import { sidecarDocument } from '../sidecar-config/document.ts';
import type { OtelEnvironment, Signal } from './environment.ts';
import { exportSettings, isBlocked } from './export-settings.ts';
import type { Forwarder } from './forwarder.ts';
import { plannedMetrics } from './planned-metrics.ts';
import type { Sender } from './sender.ts';

export interface ForwardingInputs {
  readonly workDir: string;
  readonly environment: OtelEnvironment;
  /** Where a collector is that nobody says anything of. */
  readonly ownHost: string;
  /** Milliseconds between two looks at what the control plane wants. */
  readonly refreshInterval: number;
  /** Takes collectors that metrics are sent to beside those of the configuration of metrics. */
  readonly metricsAlsoTo: (backends: readonly MetricsConfigBackend[]) => void;
  readonly logger: Logger;
}

const blockedSender: Sender = {
  send: () => Promise.reject(new Error('the environment lacks OTEL_EXPORTER_OTLP_*, which the backend requires')),
  close: () => undefined,
};

/** Sends to the collectors that the control plane says, with what the environment says, until it is closed. */
export function startForwarding(inputs: ForwardingInputs): { close(): void } {
  const { workDir, environment, ownHost, refreshInterval, metricsAlsoTo, logger } = inputs;
  const running = new Map<string, { readonly backend: OtelConfigBackend; readonly forwarder: Promise<Forwarder> }>();
  const start = async (backend: OtelConfigBackend): Promise<Forwarder> => {
    // Most sidecars send nothing, and need none of this in their memory.
    const [{ startForwarder }, { createSender }] = await Promise.all([import('./forwarder.ts'), import('./sender.ts')]);
    const senderOf = (signal: Signal) =>
      isBlocked(backend, signal) ? blockedSender : createSender(exportSettings(backend, signal, { environment, ownHost }));
    const senders = { traces: senderOf('traces'), metrics: senderOf('metrics'), logs: senderOf('logs') };
    return startForwarder({ socket: backend.socketPath, collector: backend.name, senders, logger });
  };
  const stop = (socket: string): Promise<void> => {
    const stopped = running.get(socket)?.forwarder.then((forwarder) => forwarder.close());
    running.delete(socket);
    return stopped ?? Promise.resolve();
  };
  const apply = (config: OtelConfig | undefined): void => {
    metricsAlsoTo(plannedMetrics(config));
    const wanted = new Map((config?.backends ?? []).map((backend) => [backend.socketPath, backend]));
    for (const socket of running.keys()) if (!wanted.has(socket)) void stop(socket);
    for (const [socket, backend] of wanted) {
      if (isDeepStrictEqual(running.get(socket)?.backend, backend)) continue;
      const forwarder = stop(socket).then(() => start(backend));
      forwarder.catch((error: Error) => logger.error({ collector: backend.name }, `Signals cannot be taken: ${error.message}`));
      running.set(socket, { backend, forwarder });
    }
  };
  const document = sidecarDocument(
    { socket: sidecarConfigSocket(workDir), path: otelConfigPath },
    (json): OtelConfig => ({ backends: (JSON.parse(json) as Partial<OtelConfig>).backends ?? [] }),
  );
  const watch = watchConfig(document, refreshInterval, apply);
  return {
    close() {
      watch.close();
      for (const socket of [...running.keys()]) void stop(socket).catch(() => undefined);
    },
  };
}
