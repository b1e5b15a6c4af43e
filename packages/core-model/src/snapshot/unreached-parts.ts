import { calledService, outboundsOf } from '../dataplane/parts.ts';
import { furtherTags, hasTags } from '../dataplane/tags.ts';
import type { BackendRef, TargetRef } from '../generated/types/kuma/target_ref.ts';
import type { PolicySpec } from '../target-ref/policy-spec.ts';
import { described } from './described.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';
import { peerReferences } from './peer-references.ts';

/** Items for a part of a service to which no route leads and no outbound: traffic goes to the service as a whole. */
export function unreachedParts(snapshot: MeshSnapshot, { to = [] }: PolicySpec): string[] {
  return to.flatMap(({ targetRef }, i) => {
    if (targetRef === undefined || !isUnreachedPart(snapshot, targetRef)) return [];
    return [
      `field 'spec.to[${i}].targetRef' refers to ${described(targetRef)}, to which no route of mesh "${snapshot.mesh}" leads now`,
    ];
  });
}

/** That a service, or its part, is not there is told elsewhere. */
export function isUnreachedPart(snapshot: MeshSnapshot, ref: TargetRef): boolean {
  if (ref.kind !== 'MeshServiceSubset' || !isOffered(snapshot, ref)) return false;
  return !routesLeadTo(snapshot, ref) && !outboundsLeadTo(snapshot, ref);
}

/** Whether a service, or its part, is there, known by its tag. */
export function isOffered({ services }: MeshSnapshot, { name, tags }: TargetRef | BackendRef): boolean {
  const instances = (name && services.get(name)?.instances) || [];
  const wanted = furtherTags(tags);
  return instances.some(({ endpoint }) => hasTags(endpoint.tags, wanted));
}

function routesLeadTo({ policies }: MeshSnapshot, part: TargetRef): boolean {
  const wanted = furtherTags(part.tags);
  return ['MeshHTTPRoute', 'MeshTCPRoute'].some((kind) =>
    (policies.get(kind) ?? []).some(({ spec }) =>
      peerReferences(spec.to, []).some(
        ({ ref }) => ref.name === part.name && 'tags' in ref && !leadsNobody(ref) && hasTags(ref.tags ?? {}, wanted),
      ),
    ),
  );
}

function leadsNobody(ref: TargetRef | BackendRef): boolean {
  return 'weight' in ref && ref.weight === 0;
}

function outboundsLeadTo({ callers, dataplanes }: MeshSnapshot, { name = '', tags }: TargetRef): boolean {
  const wanted = furtherTags(tags);
  return [...(callers.get(name)?.keys() ?? [])].some((caller) =>
    outboundsOf(dataplanes.get(caller)!).some(
      (outbound) => calledService(outbound) === name && hasTags(outbound.tags ?? {}, wanted),
    ),
  );
}
