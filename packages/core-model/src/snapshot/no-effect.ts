import { hasTags } from '../dataplane/tags.ts';
import type { BackendRef, BackendResourceRef, TargetRef } from '../generated/types/kuma/target_ref.ts';
import { isHttp } from '../ir/protocol.ts';
import { replacedKind } from '../resources/replaced-kinds.ts';
import type { PolicyResource, PolicySpec } from '../target-ref/policy-spec.ts';
import { refersTo } from '../target-ref/refers-to.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';
import { mutualTlsWarnings } from './mutual-tls.ts';
import { otelBackendReferences, referredBackend } from './otel-backends.ts';
import { type PeerReference, peerReferences } from './peer-references.ts';
import { selectedProxies } from './touched-proxies.ts';

/**
 * What of a policy is legal and has no effect in the mesh as it is: it selects no proxy, is about services, routes and
 * collectors that are not there, or about what services do not speak. It may get its effect later, so these are warnings.
 */
export function noEffectWarnings(snapshot: MeshSnapshot, { type, spec }: Pick<PolicyResource, 'type' | 'spec'>): string[] {
  return [
    ...mutualTlsWarnings(snapshot, type),
    ...topLevelWarnings(snapshot, spec),
    ...peerReferences(spec.to, ['spec', 'to']).flatMap(warningOf(snapshot)),
    ...collectorWarnings(snapshot, spec),
    ...(type === 'MeshHTTPRoute' ? protocolWarnings(snapshot, spec) : []),
  ];
}

function topLevelWarnings(snapshot: MeshSnapshot, spec: PolicySpec): string[] {
  const ref = spec.targetRef;
  // All of a mesh is never the wrong reference, even where nothing runs yet.
  if (!ref?.kind || (ref.kind === 'Mesh' && !ref.proxyTypes)) return [];
  if (ref.kind === 'MeshGateway') return [`field 'spec.targetRef' selects nothing: ${replacedKind(ref.kind)}`];
  const noRoute = ref.kind === 'MeshHTTPRoute' ? missingRoute(snapshot, ref, 'spec.targetRef') : [];
  if (noRoute.length > 0) return noRoute;
  for (const _ of selectedProxies(snapshot, { spec })) return [];
  return [`field 'spec.targetRef' selects no data plane proxy of mesh "${snapshot.mesh}" now: the policy has no effect`];
}

function warningOf(snapshot: MeshSnapshot): (reference: PeerReference) => string[] {
  return ({ field, ref }) => {
    switch (ref.kind) {
      case 'MeshService':
      case 'MeshServiceSubset':
        if (isOffered(snapshot, ref)) return [];
        return [`field '${field}' refers to ${described(ref)}, which no data plane proxy of mesh "${snapshot.mesh}" offers now`];
      // Kinds that no mesh has yet.
      case 'MeshExternalService':
      case 'MeshMultiZoneService':
        return [missing(snapshot, ref, field)];
      case 'MeshHTTPRoute':
        return missingRoute(snapshot, ref, field);
      default:
        return [];
    }
  };
}

function isOffered(snapshot: MeshSnapshot, { name, tags = {} }: TargetRef | BackendRef): boolean {
  const instances = (name && snapshot.services.get(name)?.instances) || [];
  return instances.some(({ endpoint }) => hasTags(endpoint.tags, tags));
}

/** Routes of requests to a service whose requests cannot be told apart. */
function protocolWarnings(snapshot: MeshSnapshot, { to = [] }: PolicySpec): string[] {
  return to.flatMap(({ targetRef }, index) => {
    const service = targetRef?.kind === 'MeshService' && targetRef.name ? snapshot.services.get(targetRef.name) : undefined;
    if (service === undefined || isHttp(service.protocol)) return [];
    const at = `field 'spec.to[${index}].targetRef'`;
    return [
      `${at} refers to MeshService "${service.name}", which speaks ${service.protocol} now: routes of requests have no effect`,
    ];
  });
}

function missingRoute(snapshot: MeshSnapshot, ref: TargetRef, field: string): string[] {
  const routes = snapshot.policies.get('MeshHTTPRoute') ?? [];
  if (routes.some((route) => refersTo(ref, route))) return [];
  return [missing(snapshot, ref, field)];
}

function collectorWarnings(snapshot: MeshSnapshot, spec: PolicySpec): string[] {
  return otelBackendReferences(spec)
    .filter(({ ref }) => referredBackend(snapshot.otelBackends, ref) === undefined)
    .map(({ field, ref }) => `${missing(snapshot, ref, field)}: nothing is sent`);
}

function missing(snapshot: MeshSnapshot, ref: TargetRef | BackendRef | BackendResourceRef, field: string): string {
  return `field '${field}' refers to ${described(ref)}, which mesh "${snapshot.mesh}" does not have now`;
}

function described({ kind, name, labels, ...rest }: TargetRef | BackendRef | BackendResourceRef): string {
  const tags = 'tags' in rest ? rest.tags : undefined;
  if (name && tags && Object.keys(tags).length > 0) return `${kind} "${name}" with the tags ${JSON.stringify(tags)}`;
  return name ? `${kind} "${name}"` : `a ${kind} with the labels ${JSON.stringify(labels ?? {})}`;
}
