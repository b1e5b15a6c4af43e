import { Gauge, type Registry } from 'prom-client';
import type { Insights } from './insights.ts';

/** What Prometheus sees of what proxies refuse. */
export function insightsMetrics(registry: Registry, insights: Pick<Insights, 'rejections'>): void {
  new Gauge({
    name: 'xds_resources_rejected',
    help: 'Resources that proxies refuse now, or that cannot be encoded; each proxy runs with the version that it had before',
    registers: [registry],
    collect() {
      this.set(insights.rejections);
    },
  });
}
