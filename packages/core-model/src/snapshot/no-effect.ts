import type { BackendRef, TargetRef } from '../generated/types/kuma/target_ref.ts';
import { fieldPath } from '../resources/field-path.ts';
import type { PolicySpec } from '../target-ref/policy-spec.ts';
import { refersTo } from '../target-ref/refers-to.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';
import { selectedProxies } from './touched-proxies.ts';

type Path = readonly (string | number)[];

/**
 * What of a policy is legal and has no effect in the mesh as it is: it selects no proxy, or is about services and routes
 * that are not there. It may get its effect later, so these are warnings.
 */
export function noEffectWarnings(snapshot: MeshSnapshot, spec: PolicySpec): string[] {
  return [...topLevelWarnings(snapshot, spec), ...peerReferences(spec.to, ['spec', 'to']).flatMap(warningOf(snapshot))];
}

function topLevelWarnings(snapshot: MeshSnapshot, spec: PolicySpec): string[] {
  const ref = spec.targetRef;
  // All of a mesh is never the wrong reference, even where nothing runs yet.
  if (!ref?.kind || (ref.kind === 'Mesh' && !ref.proxyTypes)) return [];
  const missing = ref.kind === 'MeshHTTPRoute' ? missingRoute(snapshot, ref, 'spec.targetRef') : [];
  if (missing.length > 0) return missing;
  for (const _ of selectedProxies(snapshot, { spec })) return [];
  return [`field 'spec.targetRef' selects no data plane proxy of mesh "${snapshot.mesh}" now: the policy has no effect`];
}

interface PeerReference {
  readonly field: string;
  readonly ref: TargetRef | BackendRef;
}

/** References to the other side of traffic stand at kind-specific places; their names are the same everywhere. */
function peerReferences(value: unknown, at: Path): PeerReference[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => peerReferences(item, [...at, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) => {
    const path = [...at, key];
    if (key === 'targetRef' || key === 'backendRef') return [{ field: fieldPath(...path), ref: field }];
    if (key !== 'backendRefs' || !Array.isArray(field)) return peerReferences(field, path);
    return field.map((ref, index) => ({ field: fieldPath(...path, index), ref }));
  });
}

function warningOf(snapshot: MeshSnapshot): (reference: PeerReference) => string[] {
  return ({ field, ref }) => {
    switch (ref.kind) {
      case 'MeshService':
      case 'MeshServiceSubset':
        if (ref.name && snapshot.services.has(ref.name)) return [];
        return [`field '${field}' refers to ${described(ref)}, which no data plane proxy of mesh "${snapshot.mesh}" offers now`];
      case 'MeshHTTPRoute':
        return missingRoute(snapshot, ref, field);
      default:
        return [];
    }
  };
}

function missingRoute(snapshot: MeshSnapshot, ref: TargetRef, field: string): string[] {
  const routes = snapshot.policies.get('MeshHTTPRoute') ?? [];
  if (routes.some((route) => refersTo(ref, route))) return [];
  return [`field '${field}' refers to ${described(ref)}, which mesh "${snapshot.mesh}" does not have now`];
}

function described({ kind, name, labels }: TargetRef | BackendRef): string {
  return name ? `${kind} "${name}"` : `a ${kind} with the labels ${JSON.stringify(labels ?? {})}`;
}
