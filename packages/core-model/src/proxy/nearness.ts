import { tagOrLabel } from '../dataplane/parts.ts';
import { wellKnown } from '../dataplane/tags.ts';
import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import type { EndpointIr, EndpointsIr, FailoverIr, LocalityIr, NearnessIr } from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import type { Resource } from '../resources/resource.ts';
import { compare } from '../target-ref/compare.ts';

/** Who calls, as far as it decides what is near. */
export interface Caller {
  readonly zone: string;
  valueOf(tag: string): string | undefined;
}

export function callerOf(dataplane: Resource<Dataplane> | undefined): Caller {
  const tagValue = (tag: string) => dataplane && tagOrLabel(dataplane, tag);
  return { zone: tagValue(wellKnown.zone) ?? '', valueOf: tagValue };
}

/**
 * The instances of a destination as one caller prefers them. Callers of one zone with the same values of the tags that
 * count share one object, and where nothing is preferred it is the destination's own.
 */
export function nearEndpoints(endpoints: EndpointsIr, nearness: NearnessIr, caller: Caller, memo: Memo): EndpointsIr {
  const values = nearness.affinity.map(({ tag }) => caller.valueOf(tag));
  return memo.once('near endpoints', [endpoints, nearness, caller.zone, ...values], () => {
    const { affinity, failover, failoverPercentage } = nearness;
    const weighed = affinity.length > 0;
    const alike = !weighed && endpoints.localities.every(({ zone }) => zone === caller.zone);
    if (alike && failoverPercentage === undefined) return endpoints;
    const near = affinity.flatMap(({ tag, weight }, i) => (values[i] === undefined ? [] : [{ tag, weight, value: values[i] }]));
    const applicable = failover.filter(({ from }) => from === undefined || from.includes(caller.zone));
    const localities = endpoints.localities.flatMap((locality) => {
      if (locality.zone !== caller.zone) return elsewhere(locality, applicable);
      return weighed ? byAffinity(locality, near) : locality;
    });
    return Object.freeze({
      name: endpoints.name,
      localities: Object.freeze(withoutGaps(localities)),
      ...(failoverPercentage !== undefined && { failoverPercentage }),
    });
  });
}

/** The first that names the zone says when it takes traffic. */
function elsewhere(locality: LocalityIr, failover: readonly FailoverIr[]): LocalityIr[] {
  const place = failover.findIndex(({ to }) => {
    return to.kind === 'any' || to.zones.includes(locality.zone) === (to.kind === 'only');
  });
  return place < 0 ? [] : [Object.freeze({ ...locality, priority: place + 1 })];
}

interface NearTag {
  readonly tag: string;
  readonly value: string;
  readonly weight: number;
}

function byAffinity(locality: LocalityIr, near: readonly NearTag[]): LocalityIr[] {
  const groups = Map.groupBy(locality.endpoints, (endpoint) => near.find((tag) => isNear(endpoint, tag)));
  return [...groups]
    .map(([group, endpoints]) => {
      const place = group ? { subZone: `${group.tag}=${group.value}`, weight: group.weight } : { subZone: '', weight: 1 };
      return Object.freeze({ ...locality, ...place, endpoints: Object.freeze(endpoints) });
    })
    .sort((a, b) => compare(a.subZone, b.subZone));
}

function isNear({ tags, labels }: EndpointIr, { tag, value }: NearTag): boolean {
  return (tags[tag] ?? labels[tag]) === value;
}

/** Priorities count from 0 without leaving one out. */
function withoutGaps(localities: readonly LocalityIr[]): LocalityIr[] {
  const present = [...new Set(localities.map(({ priority }) => priority))].sort((a, b) => a - b);
  return localities
    .map((locality) => {
      const priority = present.indexOf(locality.priority);
      return priority === locality.priority ? locality : Object.freeze({ ...locality, priority });
    })
    .sort((a, b) => a.priority - b.priority);
}
