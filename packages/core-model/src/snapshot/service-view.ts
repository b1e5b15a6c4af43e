import type { EndpointIr, EndpointsIr, LocalityIr } from '../ir/endpoints-ir.ts';
import { commonProtocol, type Protocol } from '../ir/protocol.ts';
import { compare } from '../target-ref/compare.ts';

/** A service as its callers see it: everything that carries one value of `kuma.io/service`. */
export interface ServiceView {
  readonly name: string;
  /** What all instances speak, those included that take no traffic now: a failing probe must not change the protocol. */
  readonly protocol: Protocol;
  /** Sorted by dataplane, then by the inbound's position. */
  readonly instances: readonly ServiceInstance[];
  /** Those that take traffic. The same object for as long as its content is the same. */
  readonly endpoints: EndpointsIr;
}

/** One inbound of a dataplane, for the service that its tags name. */
export interface ServiceInstance {
  readonly dataplane: string;
  readonly inbound: number;
  readonly protocol: Protocol;
  readonly ready: boolean;
  readonly zone: string;
  readonly endpoint: EndpointIr;
}

/** How a service changed for its callers: only in where it runs, or in what is known of it as well. */
export type ServiceChange = 'endpoints' | 'view';

/** The service after some dataplanes' instances were replaced. undefined when none are left. */
export function withInstances(
  name: string,
  before: ServiceView | undefined,
  edits: ReadonlyMap<string, readonly ServiceInstance[]>,
): ServiceView | undefined {
  const kept = before?.instances.filter(({ dataplane }) => !edits.has(dataplane)) ?? [];
  const instances = mergeSorted(kept, [...edits.values()].flat().sort(byPlace));
  if (instances.length === 0) return undefined;
  const endpoints = sameEndpoints(before?.instances, instances) ? before!.endpoints : endpointsOf(name, instances);
  return Object.freeze({
    name,
    protocol: commonProtocol(new Set(instances.map(({ protocol }) => protocol))),
    instances: Object.freeze(instances),
    endpoints,
  });
}

/** What changed for callers between two views of a service; undefined when nothing did. */
export function serviceChange(before: ServiceView | undefined, after: ServiceView | undefined): ServiceChange | undefined {
  if ((before?.protocol ?? 'tcp') !== (after?.protocol ?? 'tcp')) return 'view';
  if (before?.endpoints === after?.endpoints) return undefined;
  return (before?.endpoints.localities.length ?? 0) + (after?.endpoints.localities.length ?? 0) > 0 ? 'endpoints' : undefined;
}

/** Load assignment of the instances that take traffic and pass the filter. */
export function endpointsOf(
  name: string,
  instances: readonly ServiceInstance[],
  included: (instance: ServiceInstance) => boolean = () => true,
): EndpointsIr {
  const zones = new Map<string, EndpointIr[]>();
  for (const instance of instances) {
    if (!instance.ready || !included(instance)) continue;
    const endpoints = zones.get(instance.zone);
    if (endpoints) endpoints.push(instance.endpoint);
    else zones.set(instance.zone, [instance.endpoint]);
  }
  const localities: LocalityIr[] = [...zones]
    .sort(([a], [b]) => compare(a, b))
    .map(([zone, endpoints]) => Object.freeze({ zone, priority: 0, endpoints: Object.freeze(endpoints) }));
  return Object.freeze({ name, localities: Object.freeze(localities) });
}

/** Instances are replaced as objects only when their content changes, so identity tells. */
function sameEndpoints(before: readonly ServiceInstance[] | undefined, after: readonly ServiceInstance[]): boolean {
  if (before === undefined) return false;
  const readyBefore = before.filter(({ ready }) => ready);
  const readyAfter = after.filter(({ ready }) => ready);
  return (
    readyBefore.length === readyAfter.length && readyBefore.every((instance, i) => instance.endpoint === readyAfter[i]!.endpoint)
  );
}

function byPlace(a: ServiceInstance, b: ServiceInstance): number {
  return compare(a.dataplane, b.dataplane) || a.inbound - b.inbound;
}

function mergeSorted(a: readonly ServiceInstance[], b: readonly ServiceInstance[]): ServiceInstance[] {
  const merged: ServiceInstance[] = [];
  let i = 0;
  for (const instance of b) {
    while (i < a.length && byPlace(a[i]!, instance) < 0) merged.push(a[i++]!);
    merged.push(instance);
  }
  while (i < a.length) merged.push(a[i++]!);
  return merged;
}
