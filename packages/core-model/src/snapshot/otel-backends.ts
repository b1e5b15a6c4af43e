/**
 * Which collectors of OpenTelemetry policies refer to.
 */
import type { MeshOpenTelemetryBackend } from '../generated/types/kuma/mesh_open_telemetry_backend.ts';
import type { BackendResourceRef } from '../generated/types/kuma/target_ref.ts';
import { byIdentity } from '../memo/by-identity.ts';
import type { Resource } from '../resources/resource.ts';
import { compare } from '../target-ref/compare.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import { hasLabels } from '../target-ref/refers-to.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';
import { type PeerReference, peerReferences } from './peer-references.ts';

export type OtelBackendResource = Resource<MeshOpenTelemetryBackend>;

export const otelBackendKind = 'MeshOpenTelemetryBackend';

interface BackendReference {
  readonly field: string;
  readonly ref: BackendResourceRef;
}

/** The references to collectors in a specification, wherever they stand in it. */
export function otelBackendReferences(spec: PolicyResource['spec']): readonly BackendReference[] {
  return peerReferences(spec, ['spec']).filter((reference): reference is PeerReference & BackendReference => {
    return reference.ref.kind === otelBackendKind;
  });
}

/** As {@link otelBackendReferences}, read once. */
export const otelBackendsReferred: (policy: PolicyResource) => readonly BackendReference[] = byIdentity(({ spec }) =>
  otelBackendReferences(spec),
);

/** A name is the resource's own: one that was synchronized is found by the label of its display name. */
export function refersToBackend({ name, labels }: BackendResourceRef, backend: OtelBackendResource): boolean {
  if (name) return name === backend.name;
  return labels !== undefined && hasLabels(backend, labels);
}

/** @param backends in their order, the oldest first */
export function referredBackend(
  backends: readonly OtelBackendResource[],
  ref: BackendResourceRef,
): OtelBackendResource | undefined {
  return backends.find((backend) => refersToBackend(ref, backend));
}

/** Policies that are left without a collector, each for one of its references, when one is not there any more. */
export function policiesLeftWithout(
  { otelBackends, otelBackendUsers }: Pick<MeshSnapshot, 'otelBackends' | 'otelBackendUsers'>,
  name: string,
): readonly PolicyResource[] {
  const others = otelBackends.filter((backend) => backend.name !== name);
  const lost = ({ ref }: BackendReference) =>
    referredBackend(otelBackends, ref)?.name === name && referredBackend(others, ref) === undefined;
  return [...otelBackendUsers].map(([, policy]) => policy).filter((policy) => otelBackendsReferred(policy).some(lost));
}

/** The oldest first. */
export function compareBackends(a: OtelBackendResource, b: OtelBackendResource): number {
  return Date.parse(a.creationTime) - Date.parse(b.creationTime) || compare(a.name, b.name);
}
