/**
 *   a Prometheus ─► Envoy ─► metrics-server ──► sources: Envoy's statistics (profiles, merge-subsets), applications
 *                                │   │ parse-text ─► merge-families ─► extra-labels ─► render-text
 *                                │
 *                          metrics-config ◄── config-watch: what the control plane wants, by way of Envoy
 *                                                │
 *   a collector ◄─ Envoy ◄─ otlp/exporters ◄─────┘    from-families ─► encode ─► grpc-call
 */
import { metricsSocket, sidecarConfigSocket } from '@kuma-mesh/core-model/dataplane/sidecar-sockets.ts';
import type { MetricsConfigBackend, MetricsConfigBody } from '@kuma-mesh/core-model/policies/mesh-metric/sidecar-config.ts';
import type { AdminAddress } from '../bootstrap/admin-address.ts';
import type { ProxyIdentity } from '../dataplane/read-dataplane.ts';
import type { Logger } from '../log/logger.ts';
import { watchConfig } from '../sidecar-config/config-watch.ts';
import { metricsConfigSource } from './metrics-config.ts';
import { startMetricsServer } from './metrics-server.ts';
import { createExporters } from './otlp/exporters.ts';
import { createCollector } from './sources.ts';

export interface MetricsInputs {
  readonly workDir: string;
  readonly identity: ProxyIdentity;
  /** Where applications listen whose address is not stated; loopback where the control plane does not say. */
  readonly dataplaneAddress: string | undefined;
  readonly admin: AdminAddress;
  /** Milliseconds between two looks at what the control plane wants. */
  readonly refreshInterval: number;
  readonly logger: Logger;
}

export interface Metrics {
  /** Sends to these collectors beside those of the configuration. */
  sendAlsoTo(backends: readonly MetricsConfigBackend[]): void;
  close(): void;
}

/** Collects metrics as the control plane wants it, from now on until it is closed. */
export async function startMetrics(inputs: MetricsInputs): Promise<Metrics> {
  const { workDir, identity, dataplaneAddress = '127.0.0.1', admin, refreshInterval, logger } = inputs;
  const config = metricsConfigSource(sidecarConfigSocket(workDir), dataplaneAddress);
  const collector = createCollector(admin, logger);
  const server = await startMetricsServer({ socket: metricsSocket({ workDir, ...identity }), config, collector });
  const exporters = createExporters({ collector, instance: identity.name, logger });
  let wanted: MetricsConfigBody | undefined;
  let more: readonly MetricsConfigBackend[] = [];
  const apply = () => exporters.apply(wanted && { ...wanted, backends: [...wanted.backends, ...more] });
  const watch = watchConfig(config, refreshInterval, (current) => {
    for (const warning of current?.warnings ?? []) logger.warn(warning);
    wanted = current;
    apply();
  });
  return {
    sendAlsoTo(backends) {
      more = backends;
      apply();
    },
    close() {
      watch.close();
      exporters.close();
      server.close();
    },
  };
}
