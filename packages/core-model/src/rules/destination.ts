import { calledService } from '../dataplane/parts.ts';
import { furtherTags, hasTags, type Tags, tagsKey } from '../dataplane/tags.ts';
import type { Dataplane_Outbound } from '../generated/types/kuma/dataplane.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import { byIdentity } from '../memo/by-identity.ts';
import { deepFreeze } from '../resources/freeze.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import { refersTo } from '../target-ref/refers-to.ts';

/** Where outgoing traffic goes. Kinds of destination that have resources of their own will be more members. */
export type Destination = ServiceDestination;

/** What carries a value of `kuma.io/service`, narrowed by further tags. */
export interface ServiceDestination {
  readonly kind: 'service';
  readonly service: string;
  /** Without `kuma.io/service`. */
  readonly tags: Tags;
}

export const destinationKey: (destination: Destination) => string = byIdentity(
  ({ service, tags }) => `${service}|${tagsKey(tags)}`,
);

/** Where an outbound of a dataplane leads; undefined where that is nothing we know. */
export const outboundDestination: (outbound: Dataplane_Outbound) => ServiceDestination | undefined = byIdentity((outbound) => {
  const service = calledService(outbound);
  return service === undefined ? undefined : deepFreeze({ kind: 'service', service, tags: furtherTags(outbound.tags) });
});

/** Whether an item of `to` is for the traffic to a destination as a whole. */
export function coversDestination(ref: TargetRef, destination: Destination): boolean {
  switch (ref.kind) {
    case 'Mesh':
      return true;
    // A service that is known by its tag has no labels to select by, and one port: a section of it is all of it.
    case 'MeshService':
      return ref.name === destination.service;
    case 'MeshServiceSubset':
      return ref.name === destination.service && hasTags(destination.tags, furtherTags(ref.tags));
    default:
      return false;
  }
}

/** Whether an item of `to` is for one route, by any of the policies that the route was made of. */
export function coversRoute(ref: TargetRef, routePolicies: readonly PolicyResource[]): boolean {
  return ref.kind === 'MeshHTTPRoute' && routePolicies.some((route) => refersTo(ref, route));
}
