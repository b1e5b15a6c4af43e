import { inboundsOf, redirectPort } from '../dataplane/parts.ts';
import { wellKnown } from '../dataplane/tags.ts';
import type { MeshMetric_Conf } from '../generated/types/kuma/mesh_metric.ts';
import type { MeshTCPRoute_Rule } from '../generated/types/kuma/mesh_tcp_route.ts';
import type { BackendRef, BackendResourceRef, TargetRef } from '../generated/types/kuma/target_ref.ts';
import { isHttp } from '../ir/protocol.ts';
import { policyKinds } from '../target-ref/policy-kinds.ts';
import type { PolicyResource, PolicySpec, WrittenPolicy } from '../target-ref/policy-spec.ts';
import { refersTo } from '../target-ref/refers-to.ts';
import type { Selecting } from '../target-ref/select-proxy.ts';
import { isShadow } from '../target-ref/shadow.ts';
import { absentAffinity } from './absent-affinity.ts';
import { absentClients } from './absent-clients.ts';
import { described } from './described.ts';
import { dividedRequests } from './divided-requests.ts';
import { idleSettings } from './idle-settings.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';
import { identityWarnings, mutualTlsWarnings } from './mutual-tls.ts';
import { otelBackendReferences, referredBackend } from './otel-backends.ts';
import { type PeerReference, peerReferences } from './peer-references.ts';
import { routedServices } from './routed-services.ts';
import { routesOfConnections } from './routes-of-connections.ts';
import { selectedProxies } from './touched-proxies.ts';
import { callsOfNobody, uncalledServices } from './uncalled-services.ts';
import { isOffered, unreachedParts } from './unreached-parts.ts';
import { withoutShadows } from './without-shadows.ts';

type Labelled = Pick<PolicyResource, 'labels'>;

/**
 * What of a policy is legal and has no effect in the mesh as it is: it selects no proxy, is about services, clients, routes
 * and collectors that are not there, or about what services do not speak. It may get its effect later, so these are warnings.
 */
export function noEffectWarnings(snapshot: MeshSnapshot, policy: WrittenPolicy): string[] {
  const { type, spec } = policy;
  const inForce = isShadow(policy) ? snapshot : withoutShadows(snapshot);
  return [
    ...mutualTlsWarnings(snapshot, type),
    ...identityWarnings(snapshot, spec),
    ...emptyWarnings(type, spec),
    ...topLevelWarnings(snapshot, policy),
    ...incomingWarnings(snapshot, policy),
    ...(type === 'MeshPassthrough' ? redirectionWarnings(snapshot, policy) : []),
    ...(type === 'MeshMetric' ? securityWarnings(snapshot, spec) : []),
    ...peerReferences(spec.to, ['spec', 'to']).flatMap(warningOf(snapshot, policy)),
    ...absentClients(snapshot, spec),
    ...(spec.from ?? []).flatMap(({ targetRef = {} }, i) => sectionWarnings(targetRef, `spec.from[${i}].targetRef`)),
    ...(type === 'MeshLoadBalancingStrategy' ? absentAffinity(snapshot, policy) : []),
    ...collectorWarnings(snapshot, spec),
    ...(type === 'MeshHTTPRoute' ? protocolWarnings(snapshot, spec) : []),
    ...(type === 'MeshTCPRoute' ? routesOfConnections(inForce, policy) : []),
    ...idleSettings(snapshot, policy),
    ...unreachedParts(inForce, spec),
    ...uncalledServices(inForce, policy),
    ...callsOfNobody(snapshot, policy),
    ...dividedRequests(inForce, policy),
    ...routedServices(inForce, policy),
  ];
}

/** Some kinds may say nothing, and routes may say nothing of a destination. Of the others validation refuses empty lists. */
function emptyWarnings(type: string, { to = [], default: conf }: PolicySpec): string[] {
  const { hasTo, hasFrom, hasRules, mayBeEmpty } = policyKinds.get(type)!;
  if (!hasTo && !hasFrom && !hasRules)
    return conf === undefined ? ["field 'spec.default' is not set: the policy has no effect"] : [];
  if (!mayBeEmpty) return [];
  if (to.length === 0) return ["field 'spec.to' has no item: the policy has no effect"];
  if (type !== 'MeshHTTPRoute' && type !== 'MeshTCPRoute') return [];
  return to.flatMap((item, i) => {
    const rules = (item.rules ?? []) as readonly MeshTCPRoute_Rule[];
    const says = type === 'MeshTCPRoute' ? rules.some(leadsSomewhere) : rules.length > 0;
    return says ? [] : [`field 'spec.to[${i}].rules' says nothing: it has no effect`];
  });
}

function leadsSomewhere({ default: conf }: MeshTCPRoute_Rule): boolean {
  return (conf?.backendRefs ?? []).length > 0;
}

function topLevelWarnings(snapshot: MeshSnapshot, policy: Selecting): string[] {
  const { kind = 'Mesh', ...ref } = policy.spec.targetRef ?? {};
  const noRoute = kind === 'MeshHTTPRoute' ? missingRoute(snapshot, policy, { kind, ...ref }, 'spec.targetRef') : [];
  if (noRoute.length > 0) return noRoute;
  for (const _ of selectedProxies(snapshot, policy))
    return kind === 'MeshService' ? sectionWarnings({ kind, ...ref }, 'spec.targetRef') : [];
  if (kind === 'Mesh' && !ref.proxyTypes) return scopeWarnings(snapshot, policy);
  return [`field 'spec.targetRef' selects no data plane proxy of mesh "${snapshot.mesh}" now: the policy has no effect`];
}

/** All of a mesh is never the wrong reference, even where nothing runs yet; all of a namespace may be. */
function scopeWarnings({ mesh, dataplanes }: MeshSnapshot, { labels }: Selecting): string[] {
  const role = labels[wellKnown.policyRole];
  if (role !== 'consumer' && role !== 'workload-owner') return [];
  const namespace = labels[wellKnown.namespace];
  if (namespace === undefined)
    return [
      `label '${wellKnown.policyRole}' says ${role}, whose policies are for a namespace, and there is no label '${wellKnown.namespace}': the policy has no effect`,
    ];
  if (dataplanes.size === 0) return [];
  return [`no data plane proxy of mesh "${mesh}" is in namespace "${namespace}" of the policy now: it has no effect`];
}

/** Gateways of one's own have no inbounds. */
function incomingWarnings(snapshot: MeshSnapshot, policy: WrittenPolicy): string[] {
  const part = policy.spec.rules?.length ? 'rules' : policy.spec.from?.length ? 'from' : undefined;
  if (part === undefined || isForBothSides(policy)) return [];
  let some = false;
  for (const name of selectedProxies(snapshot, policy)) {
    if (inboundsOf(snapshot.dataplanes.get(name)!).length > 0) return [];
    some = true;
  }
  return some ? [`field 'spec.${part}' has no effect: no proxy that spec.targetRef selects has an inbound now`] : [];
}

/** Versions and ciphers that a MeshTLS states for a whole mesh are for those who call, too. */
function isForBothSides({ type, spec: { targetRef, from = [], rules = [] } }: WrittenPolicy): boolean {
  if (type !== 'MeshTLS' || (targetRef?.kind ?? 'Mesh') !== 'Mesh') return false;
  return [...from, ...rules].some(
    ({ default: conf = {} }) => 'tlsVersion' in (conf as object) || 'tlsCiphers' in (conf as object),
  );
}

/** Nothing passes a sidecar that nothing is redirected to. */
function redirectionWarnings(snapshot: MeshSnapshot, policy: Selecting): string[] {
  let some = false;
  for (const name of selectedProxies(snapshot, policy)) {
    if (redirectPort(snapshot.dataplanes.get(name)!) !== undefined) return [];
    some = true;
  }
  const reason = 'no proxy that spec.targetRef selects has networking.transparentProxying now';
  return some ? [`${reason}: the policy has no effect`] : [];
}

/** Endpoints that want the mesh's certificates, in a mesh that has none. */
function securityWarnings({ resource }: MeshSnapshot, spec: PolicySpec): string[] {
  if (resource?.spec.mtls?.enabledBackend) return [];
  const { backends = [] } = (spec.default ?? {}) as MeshMetric_Conf;
  return backends.flatMap(({ prometheus }, i) =>
    prometheus?.tls?.mode === 'ActiveMTLSBackend'
      ? [`field 'spec.default.backends[${i}].prometheus.tls.mode': the mesh has no mutual TLS, so that the endpoint stays closed`]
      : [],
  );
}

function warningOf(snapshot: MeshSnapshot, policy: Labelled): (reference: PeerReference) => string[] {
  return ({ field, ref }) => {
    switch (ref.kind) {
      case 'MeshService':
      case 'MeshServiceSubset':
        if (isOffered(snapshot, ref)) return sectionWarnings(ref, field);
        return [`field '${field}' refers to ${described(ref)}, which no data plane proxy of mesh "${snapshot.mesh}" offers now`];
      // Kinds that no mesh has yet.
      case 'MeshExternalService':
      case 'MeshMultiZoneService':
        return [missing(snapshot, ref, field)];
      case 'MeshHTTPRoute':
        return missingRoute(snapshot, policy, ref, field);
      default:
        return [];
    }
  };
}

/** There are sections where services are resources; a service that is known by its tag is meant as a whole. */
function sectionWarnings(ref: PeerReference['ref'], field: string): string[] {
  if (!('sectionName' in ref) || !ref.sectionName) return [];
  return [
    `field '${field}.sectionName' has no effect: ${described(ref)} is known by its tag kuma.io/service, which has no sections`,
  ];
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

function missingRoute(snapshot: MeshSnapshot, policy: Labelled, ref: TargetRef, field: string): string[] {
  const meant = (snapshot.policies.get('MeshHTTPRoute') ?? []).filter((route) => refersTo(ref, route));
  if (meant.length === 0) return [missing(snapshot, ref, field)];
  if (isShadow(policy) || !meant.every(isShadow)) return [];
  return [`field '${field}' refers to ${described(ref)}, which has the label ${wellKnown.effect}: shadow and changes nothing`];
}

function collectorWarnings(snapshot: MeshSnapshot, spec: PolicySpec): string[] {
  return otelBackendReferences(spec)
    .filter(({ ref }) => referredBackend(snapshot.otelBackends, ref) === undefined)
    .map(({ field, ref }) => `${missing(snapshot, ref, field)}: nothing is sent`);
}

function missing(snapshot: MeshSnapshot, ref: TargetRef | BackendRef | BackendResourceRef, field: string): string {
  return `field '${field}' refers to ${described(ref)}, which mesh "${snapshot.mesh}" does not have now`;
}
