import { calledService, inboundProtocol, inboundsOf, outboundsOf, tagSetsOf } from '../dataplane/parts.ts';
import { furtherTags, tagsKey, wellKnown } from '../dataplane/tags.ts';
import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import { byIdentity } from '../memo/by-identity.ts';
import type { Resource } from '../resources/resource.ts';
import type { ServiceInstance } from './service-view.ts';

/** What the indexes of a snapshot keep of one dataplane. */
export interface DataplaneFacts {
  /** Its instances by service. */
  readonly instances: ReadonlyMap<string, readonly ServiceInstance[]>;
  /** Services that it calls. */
  readonly calls: ReadonlySet<string>;
  /** Keys under which policies may look for it; see {@link tagSelector} and {@link labelSelector}. */
  readonly selectors: ReadonlySet<string>;
}

export const dataplaneFacts: (dataplane: Resource<Dataplane>) => DataplaneFacts = byIdentity((dataplane) => ({
  instances: instancesOf(dataplane),
  calls: new Set(outboundsOf(dataplane).flatMap((outbound) => calledService(outbound) ?? [])),
  selectors: selectorsOf(dataplane),
}));

/** Index key of dataplanes with a tag on any inbound, or on the gateway. Without a value: with any value. */
export function tagSelector(tag: string, value?: string): string {
  return value === undefined ? `tag:${tag}` : `tag:${tag}=${value}`;
}

export function labelSelector(label: string, value: string): string {
  return `label:${label}=${value}`;
}

/** Whether two dataplanes' instances of a service are alike to callers. */
export function sameInstances(a: readonly ServiceInstance[] | undefined, b: readonly ServiceInstance[] | undefined): boolean {
  return a?.length === b?.length && (a ?? []).every((instance, i) => contentKey(instance) === contentKey(b![i]!));
}

const contentKey: (instance: ServiceInstance) => string = byIdentity(({ inbound, protocol, ready, zone, endpoint }) =>
  [
    inbound,
    protocol,
    ready,
    zone,
    endpoint.address,
    endpoint.port,
    tagsKey(endpoint.tags),
    tagsKey(endpoint.labels),
    endpoint.weight,
  ].join('\n'),
);

function instancesOf(dataplane: Resource<Dataplane>): ReadonlyMap<string, readonly ServiceInstance[]> {
  const byService = new Map<string, ServiceInstance[]>();
  const { networking } = dataplane.spec;
  if (networking?.gateway) return byService;
  inboundsOf(dataplane).forEach((inbound, index) => {
    const service = inbound.tags?.[wellKnown.service];
    if (service === undefined || inbound.port === undefined) return;
    const instance: ServiceInstance = Object.freeze({
      dataplane: dataplane.name,
      inbound: index,
      protocol: inboundProtocol(inbound),
      ready: inbound.state !== 'NotReady' && inbound.health?.ready !== false,
      zone: inbound.tags?.[wellKnown.zone] ?? dataplane.labels[wellKnown.zone] ?? '',
      endpoint: Object.freeze({
        address: networking?.advertisedAddress || inbound.address || networking?.address || '',
        port: inbound.port,
        tags: Object.freeze(furtherTags(inbound.tags)),
        labels: dataplane.labels,
      }),
    });
    const instances = byService.get(service);
    if (instances) instances.push(instance);
    else byService.set(service, [instance]);
  });
  return byService;
}

function selectorsOf(dataplane: Resource<Dataplane>): ReadonlySet<string> {
  const selectors = new Set<string>();
  for (const tags of tagSetsOf(dataplane)) {
    for (const tag in tags) {
      selectors.add(tagSelector(tag));
      selectors.add(tagSelector(tag, tags[tag]));
    }
  }
  for (const label in dataplane.labels) selectors.add(labelSelector(label, dataplane.labels[label]!));
  return selectors;
}
