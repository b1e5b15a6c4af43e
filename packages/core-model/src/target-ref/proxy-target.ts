import { inboundsOf, tagSetsOf } from '../dataplane/parts.ts';
import type { Tags } from '../dataplane/tags.ts';
import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import { byIdentity } from '../memo/by-identity.ts';
import type { Resource } from '../resources/resource.ts';

/** A proxy as top-level references of policies see it. */
export interface ProxyTarget {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly proxyType: 'Sidecar' | 'Gateway';
  readonly inbounds: readonly InboundTarget[];
  /** Tags of each inbound, or of the gateway. */
  readonly tagSets: readonly Tags[];
}

export interface InboundTarget {
  readonly name: string | undefined;
  readonly port: number;
  readonly tags: Tags;
}

export const proxyTarget: (dataplane: Resource<Dataplane>) => ProxyTarget = byIdentity((dataplane) => ({
  name: dataplane.name,
  labels: dataplane.labels,
  proxyType: dataplane.spec.networking?.gateway ? 'Gateway' : 'Sidecar',
  inbounds: inboundsOf(dataplane).map(({ name, port, tags }) => ({ name: name || undefined, port: port ?? 0, tags: tags ?? {} })),
  tagSets: tagSetsOf(dataplane),
}));
