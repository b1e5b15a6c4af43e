import { isDeepStrictEqual } from 'node:util';
import type { MetricsConfigBackend, MetricsConfigBody } from '@kuma-mesh/core-model/policies/mesh-metric/sidecar-config.ts';
import { parseDuration } from '@kuma-mesh/core-model/resources/duration.ts';
import type { Logger } from '../../log/logger.ts';
import { program } from '../../program.ts';
import type { Collector } from '../sources.ts';
import type { Attributes } from './otlp-metric.ts';

type OtlpBackend = Extract<MetricsConfigBackend, { readonly type: 'OpenTelemetry' }>;

export interface ExportersInputs {
  readonly collector: Collector;
  /** Name of the Dataplane. */
  readonly instance: string;
  readonly logger: Logger;
}

export interface Exporters {
  /** Sends to the collectors of this configuration, and to no others. */
  apply(config: MetricsConfigBody | undefined): void;
  close(): void;
}

const defaultInterval = 60_000;
const shortest = 100;
/** A timer that should wait for longer would not wait at all. */
const longest = 2 ** 31 - 1;
/** Milliseconds. */
const callLimit = 10_000;
const exportMethod = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';

/** Sends metrics to collectors of OpenTelemetry, to each in its own rhythm. */
export function createExporters({ collector, instance, logger }: ExportersInputs): Exporters {
  const timers = new Map<string, { readonly backend: OtlpBackend; readonly timer: NodeJS.Timeout }>();
  const troubles = new Map<string, string>();
  let current: MetricsConfigBody | undefined;

  const send = async ({ name, openTelemetry }: OtlpBackend, interval: number): Promise<void> => {
    if (current === undefined) return;
    try {
      const limit = Math.min(interval, callLimit);
      await exportOnce(openTelemetry, { config: current, collector, instance, limit });
      if (troubles.delete(name)) logger.info({ collector: name }, 'Metrics are sent again');
    } catch (error) {
      const { message } = error as Error;
      if (troubles.get(name) !== message) logger.warn({ collector: name }, `Metrics cannot be sent: ${message}`);
      troubles.set(name, message);
    }
  };

  const stop = (name: string): void => {
    clearInterval(timers.get(name)?.timer);
    timers.delete(name);
  };

  return {
    apply(config) {
      current = config;
      const backends = (config?.backends ?? []).filter((backend) => backend.type === 'OpenTelemetry');
      const wanted = new Map(backends.map((backend) => [backend.name, backend]));
      for (const name of timers.keys()) if (!wanted.has(name)) stop(name);
      for (const backend of wanted.values()) {
        const stated = parseDuration(backend.openTelemetry.refreshInterval) || defaultInterval;
        const interval = Math.min(Math.max(stated, shortest), longest);
        if (isDeepStrictEqual(timers.get(backend.name)?.backend, backend)) continue;
        stop(backend.name);
        let busy = false;
        const timer = setInterval(() => {
          // A collector that takes longer than the interval is not given more to do.
          if (busy) return;
          busy = true;
          void send(backend, interval).finally(() => {
            busy = false;
          });
        }, interval);
        timer.unref();
        timers.set(backend.name, { backend, timer });
      }
    },
    close() {
      for (const name of [...timers.keys()]) stop(name);
    },
  };
}

interface ExportInput {
  readonly config: MetricsConfigBody;
  readonly collector: Collector;
  readonly instance: string;
  readonly limit: number;
}

async function exportOnce(
  { endpoint: socket, path }: OtlpBackend['openTelemetry'],
  { config, collector, instance, limit }: ExportInput,
): Promise<void> {
  // Most sidecars send nothing, and need none of this in their memory.
  const [{ otlpMetrics }, { encodeRequests }, { callEach }, { postEach }] = await Promise.all([
    import('./from-families.ts'),
    import('./encode.ts'),
    import('../../otel/grpc-call.ts'),
    import('../../otel/http-post.ts'),
  ]);
  const sources = await collector.collect(config, { limit });
  const time = BigInt(Date.now()) * 1_000_000n;
  const metrics = sources.flatMap(({ application, families }) =>
    otlpMetrics(families, { scope: application || 'kuma', attributes: config.extraLabels, time }),
  );
  const messages = encodeRequests({ resource: resourceOf(config, instance), scopeVersion: program.version, metrics });
  await (path === undefined ? callEach(socket, exportMethod, messages, limit) : postEach(socket, path, messages, limit));
}

function resourceOf({ extraLabels }: MetricsConfigBody, instance: string): Attributes {
  const service = extraLabels.service ?? extraLabels.kuma_io_service ?? extraLabels['kuma.workload'] ?? instance;
  return [
    ['service.name', service],
    ['service.instance.id', instance],
  ];
}
