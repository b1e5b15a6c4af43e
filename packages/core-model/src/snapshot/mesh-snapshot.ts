import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import type { Mesh } from '../generated/types/kuma/mesh.ts';
import type { Resource } from '../resources/resource.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import type { OtelBackendResource } from './otel-backends.ts';
import { PersistentMap } from './persistent-map.ts';
import type { ServiceView } from './service-view.ts';
import { nobodyReady, type TlsReadiness } from './tls-readiness.ts';

/**
 * One mesh at one moment, with the indexes that the later stages need. Immutable: `applyChanges` gives a new value that
 * shares everything that did not change.
 */
export interface MeshSnapshot {
  readonly mesh: string;
  /** The Mesh itself; undefined before it was created and after it was deleted. */
  readonly resource: Resource<Mesh> | undefined;
  /** Who can be called with mutual TLS, where it is PERMISSIVE. */
  readonly tlsReadiness: TlsReadiness;
  readonly dataplanes: PersistentMap<Resource<Dataplane>>;
  /** By the value of `kuma.io/service`. */
  readonly services: PersistentMap<ServiceView>;
  /** Names of the dataplanes that call a service, by its name. */
  readonly callers: PersistentMap<NameSet>;
  /** Names of dataplanes, by what policies select on; keys from `dataplane-facts.ts`. */
  readonly selectors: PersistentMap<NameSet>;
  /** Policies by kind, in the order in which they are merged. */
  readonly policies: ReadonlyMap<string, readonly PolicyResource[]>;
  /** Routes that send traffic to a service other than the one they are for, by that service's name. */
  readonly routesTo: PersistentMap<readonly PolicyResource[]>;
  /** Collectors of OpenTelemetry, the oldest first. */
  readonly otelBackends: readonly OtelBackendResource[];
  /** Policies that refer to such collectors, by kind and name. */
  readonly otelBackendUsers: PersistentMap<PolicyResource>;
}

export type NameSet = PersistentMap<true>;

export function emptySnapshot(mesh: string): MeshSnapshot {
  return Object.freeze({
    mesh,
    resource: undefined,
    tlsReadiness: nobodyReady,
    dataplanes: PersistentMap.empty<Resource<Dataplane>>(),
    services: PersistentMap.empty<ServiceView>(),
    callers: PersistentMap.empty<NameSet>(),
    selectors: PersistentMap.empty<NameSet>(),
    policies: new Map(),
    routesTo: PersistentMap.empty<readonly PolicyResource[]>(),
    otelBackends: Object.freeze([]),
    otelBackendUsers: PersistentMap.empty<PolicyResource>(),
  });
}
