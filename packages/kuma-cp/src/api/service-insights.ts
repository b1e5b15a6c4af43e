import type { ServiceInsight } from '@kuma-mesh/core-model/generated/types/kuma/insights.ts';
import type { Insight } from '../store/store.ts';

/** What is stored for a mesh as a whole is shown as one resource a service, named like it. */
export function insightPerService(insight: Insight): readonly Insight[] {
  const { services = {} } = insight.spec as ServiceInsight;
  return Object.entries(services)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, spec]) => ({ ...insight, name, spec }));
}
