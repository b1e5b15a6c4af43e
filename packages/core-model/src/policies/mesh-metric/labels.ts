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
  const own: Record<string, string> = {
    mesh: dataplane.mesh,
    dataplane: dataplane.name,
    'kuma.proxy_role': dataplane.spec.networking?.gateway ? 'gateway' : 'sidecar',
    ...(zone && { zone }),
    ...(workload ? { 'kuma.workload': workload } : service && { service }),
  };
  const taken = new Set(Object.keys(own).map(labelName));
  const ofTags = tagLabels(dataplane).filter(([name]) => !taken.has(name));
  return Object.fromEntries([...ofTags, ...Object.entries(own)].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function tagLabels(dataplane: Resource<Dataplane>): readonly (readonly [name: string, value: string])[] {
  const values = new Map<string, Set<string>>();
  for (const [tag, value] of tagSetsOf(dataplane).flatMap((tags) => Object.entries(tags))) {
    values.set(tag, (values.get(tag) ?? new Set()).add(value));
  }
  return [...values.keys()].sort().flatMap((tag) => {
    const sorted = [...values.get(tag)!].sort();
    return [
      [labelName(tag), sorted[0]!],
      [labelName(`${tag}s`), `,${sorted.join(',')},`],
    ] as const;
  });
}

/** Prometheus reads nothing of an answer in which a name begins with a digit, or comes twice. */
function labelName(tag: string): string {
  return tag.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}
