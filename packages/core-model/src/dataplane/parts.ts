import type { Dataplane, Dataplane_Inbound, Dataplane_Outbound } from '../generated/types/kuma/dataplane.ts';
import { type Protocol, parseProtocol } from '../ir/protocol.ts';
import type { Resource } from '../resources/resource.ts';
import { type Tags, wellKnown } from './tags.ts';

/** Inbounds that exist for the proxy; an ignored one is as if it were not there. */
export function inboundsOf(dataplane: Resource<Dataplane>): readonly Dataplane_Inbound[] {
  return dataplane.spec.networking?.inbound?.filter(({ state }) => state !== 'Ignored') ?? [];
}

/** What an inbound speaks: the field says it, or else the tag. */
export function inboundProtocol({ protocol, tags }: Dataplane_Inbound): Protocol {
  return parseProtocol(protocol || tags?.[wellKnown.protocol]);
}

export function outboundsOf(dataplane: Resource<Dataplane>): readonly Dataplane_Outbound[] {
  return dataplane.spec.networking?.outbound ?? [];
}

/** Where the host redirects what the proxy's own service sends; undefined where it redirects nothing. */
export function redirectPort({ spec }: Resource<Dataplane>): number | undefined {
  return spec.networking?.transparentProxying?.redirectPortOutbound || undefined;
}

/** The tags that describe a proxy: of each inbound, or of the gateway. */
export function tagSetsOf(dataplane: Resource<Dataplane>): readonly Tags[] {
  const gateway = dataplane.spec.networking?.gateway;
  return gateway ? [gateway.tags ?? {}] : inboundsOf(dataplane).map(({ tags }) => tags ?? {});
}

/** A proxy's value of a tag, or of a label where it has no such tag. */
export function tagOrLabel(dataplane: Resource<Dataplane>, key: string): string | undefined {
  return tagSetsOf(dataplane).find((tags) => tags[key] !== undefined)?.[key] ?? dataplane.labels[key];
}

/** The service that a proxy is known by as a whole: the first of its inbounds, or the gateway's. */
export function identifyingService(dataplane: Resource<Dataplane>): string | undefined {
  return tagSetsOf(dataplane).find((tags) => tags[wellKnown.service])?.[wellKnown.service];
}

/** A reference by name to a MeshService is one to the service of the tag for as long as there is no such resource. */
export function calledService(outbound: Dataplane_Outbound): string | undefined {
  return (
    outbound.tags?.[wellKnown.service] ?? (outbound.backendRef?.kind === 'MeshService' ? outbound.backendRef.name : undefined)
  );
}
