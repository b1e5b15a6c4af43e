import { identifyingService, tagSetsOf } from '../../dataplane/parts.ts';
import { wellKnown } from '../../dataplane/tags.ts';
import type { Dataplane } from '../../generated/types/kuma/dataplane.ts';
import type { Resource } from '../../resources/resource.ts';

/**
 * Labels that say whose metrics these are. A tag gives two: `version` is a value of it, and `versions` all of them between
 * commas, so that a query for `,v1,` finds a proxy with several. A proxy without a workload is known by its service.
 */
export function metricLabels(dataplane: Resource<Dataplane>): Readonly<Record<string, string>> {
  const { [wellKnown.zone]: zone, 'kuma.io/workload': workload } = dataplane.labels;
  const service = identifyingService(dataplane);
  const labels: Record<string, string> = {
    ...tagLabels(dataplane),
    mesh: dataplane.mesh,
    dataplane: dataplane.name,
    'kuma.proxy_role': dataplane.spec.networking?.gateway ? 'gateway' : 'sidecar',
    ...(zone && { zone }),
    ...(workload ? { 'kuma.workload': workload } : service && { service }),
  };
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function tagLabels(dataplane: Resource<Dataplane>): Record<string, string> {
  const values = new Map<string, Set<string>>();
  for (const [tag, value] of tagSetsOf(dataplane).flatMap((tags) => Object.entries(tags))) {
    values.set(tag, (values.get(tag) ?? new Set()).add(value));
  }
  const labels: Record<string, string> = {};
  for (const tag of [...values.keys()].sort()) {
    const sorted = [...values.get(tag)!].sort();
    labels[labelName(tag)] = sorted[0]!;
    labels[labelName(`${tag}s`)] = `,${sorted.join(',')},`;
  }
  return labels;
}

function labelName(tag: string): string {
  return tag.replaceAll(/[^A-Za-z0-9_]/g, '_');
}
