import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Work } from './connected-proxy.ts';

/** What Prometheus sees of the way from a change to a configuration. */
export interface PipelineMetrics {
  connected(): void;
  disconnected(): void;
  /** @param seconds that it took */
  made(work: Exclude<Work, 'publish'>, seconds: number): void;
  failed(): void;
  published(): void;
}

export function pipelineMetrics(registry: Registry): PipelineMetrics {
  const registers = [registry];
  const proxies = new Gauge({ name: 'proxies_connected', help: 'Proxies that are being configured', registers });
  const generation = new Histogram({
    name: 'xds_generation_seconds',
    help: 'Time to make the configuration of one proxy, by what of it had to be made',
    labelNames: ['work'] as const,
    buckets: [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.2, 1],
    registers,
  });
  const errors = new Counter({
    name: 'xds_generation_errors_total',
    help: 'Configurations of proxies that could not be made; the proxy keeps the one it has',
    registers,
  });
  const publications = new Counter({
    name: 'xds_configurations_published_total',
    help: 'Configurations that differed from the one that the proxy had',
    registers,
  });
  const seconds = {
    rebuild: generation.labels('rebuild'),
    endpoints: generation.labels('endpoints'),
    secrets: generation.labels('secrets'),
  };
  return {
    connected: () => proxies.inc(),
    disconnected: () => proxies.dec(),
    made: (work, took) => seconds[work].observe(took),
    failed: () => errors.inc(),
    published: () => publications.inc(),
  };
}
