import { inboundsOf, redirectPort } from '../dataplane/parts.ts';
import type { Dataplane, Dataplane_Inbound } from '../generated/types/kuma/dataplane.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import type { Resource, ResourceKey } from '../resources/resource.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';
import { mutualTlsWarnings } from '../snapshot/mutual-tls.ts';
import { policyKinds } from '../target-ref/policy-kinds.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import { refersTo } from '../target-ref/refers-to.ts';
import { selectorOf } from '../target-ref/selector-of.ts';
import { isShadow } from '../target-ref/shadow.ts';
import { effective } from './effective.ts';
import { inboundStatements } from './inbound-statements.ts';
import type { RuleOrigin, ToItem } from './policy-items.ts';
import type { KindRules, ProxyRules } from './proxy-rules.ts';
import { regionsOf, type TagMatcher } from './regions.ts';

/*
 * Rules in the shape of the HTTP API's `/_rules`.
 */

export interface DescribedKind {
  readonly type: string;
  readonly warnings: readonly string[];
  /** For policies of the whole proxy. */
  readonly proxyRule?: { readonly conf: unknown; readonly origin: readonly ResourceMeta[] };
  readonly toRules: readonly DescribedRule[];
  readonly toResourceRules: readonly DescribedResourceRule[];
  readonly fromRules: readonly { readonly inbound: DescribedInbound; readonly rules: readonly DescribedRule[] }[];
  readonly inboundRules: readonly { readonly inbound: DescribedInbound; readonly rules: readonly DescribedInboundRule[] }[];
}

export interface DescribedRule {
  readonly matchers: readonly TagMatcher[];
  readonly conf: unknown;
  readonly origin: readonly ResourceMeta[];
}

export interface DescribedResourceRule {
  readonly resourceMeta: ResourceMeta;
  readonly resourceSectionName: string;
  readonly conf: readonly unknown[];
  readonly origin: readonly DescribedOrigin[];
}

export interface DescribedInboundRule {
  readonly conf: readonly unknown[];
  /** Conditions; absent for all traffic. */
  readonly matches?: readonly unknown[];
  readonly origin: readonly DescribedOrigin[];
}

export interface DescribedOrigin {
  readonly resourceMeta: ResourceMeta;
  readonly ruleIndex?: number;
}

export interface ResourceMeta extends ResourceKey {
  readonly labels: Readonly<Record<string, string>>;
}

export interface DescribedInbound {
  readonly name?: string;
  readonly port: number;
  readonly tags: Readonly<Record<string, string>>;
}

export function describeRules(
  snapshot: MeshSnapshot,
  dataplane: Resource<Dataplane>,
  rules: ProxyRules,
): readonly DescribedKind[] {
  const inbounds = inboundsOf(dataplane).map(describeInbound);
  return [...rules.kinds.values()].map((kind) => describeKind(snapshot, kind, { dataplane, inbounds }));
}

function describeKind(
  snapshot: MeshSnapshot,
  kind: KindRules,
  { dataplane, inbounds }: { readonly dataplane: Resource<Dataplane>; readonly inbounds: readonly DescribedInbound[] },
): DescribedKind {
  const { fromAsRules = false, hasTo = false } = policyKinds.get(kind.kind) ?? {};
  // Where services are resources the mesh stands in toResourceRules alone; those known by their tag stand nowhere but here.
  const exclusive = snapshot.resource?.spec.meshServices?.mode === 'Exclusive';
  const noTo = !hasTo || (exclusive && kind.to.every(({ targetRef }) => targetRef.kind === 'Mesh' || !isByTags(targetRef)));
  return {
    type: kind.kind,
    warnings: warningsOf(snapshot, dataplane, kind),
    ...(kind.proxy && { proxyRule: { conf: kind.proxy.conf, origin: metasOf(kind.proxy.items) } }),
    toRules: noTo ? [] : describeTo(kind),
    toResourceRules: hasTo ? describeResources(snapshot, kind) : [],
    fromRules: fromAsRules ? [] : inbounds.flatMap((inbound, i) => describeFrom(kind, inbound, i)),
    inboundRules: inbounds.flatMap((inbound, i) => describeInboundRules(kind, inbound, i)),
  };
}

/** Kinds of destination that tags tell apart; all others are resources. */
const byTags: ReadonlySet<unknown> = new Set(['Mesh', 'MeshService', 'MeshServiceSubset']);

function isByTags({ kind, labels }: TargetRef): boolean {
  return byTags.has(kind) && !labels;
}

function describeTo(kind: KindRules): DescribedRule[] {
  const items = kind.to.filter(({ targetRef }) => isByTags(targetRef));
  return describeRegions(kind, items, ({ targetRef }) => targetRef);
}

function describeFrom(kind: KindRules, inbound: DescribedInbound, index: number): DescribedKind['fromRules'] {
  const items = kind.inbounds[index]?.items.filter(({ list }) => list === 'from') ?? [];
  return items.length === 0 ? [] : [{ inbound, rules: describeRegions(kind, items, ({ client }) => client) }];
}

type Item = { readonly conf: unknown; readonly origin: RuleOrigin };

function describeRegions<T extends Item>(kind: KindRules, items: readonly T[], refOf: (item: T) => TargetRef): DescribedRule[] {
  return regionsOf(items, (item) => selectorOf(refOf(item))).map((region) => ({
    matchers: region.matchers,
    conf: effective(region.items, kind.strategy)?.conf,
    origin: metasOf(region.items),
  }));
}

function describeInboundRules(kind: KindRules, inbound: DescribedInbound, index: number): DescribedKind['inboundRules'] {
  const rules = kind.inbounds[index];
  const statements = rules === undefined ? [] : inboundStatements(rules);
  if (statements.length === 0) return [];
  const described = statements.map(({ conf, matches, items }) => ({
    conf: [conf],
    ...(matches.length > 0 && { matches }),
    origin: items.map(describeOrigin),
  }));
  return [{ inbound, rules: described }];
}

/** Items of `to` that are for resources: the mesh, routes, and services once they are resources. */
function describeResources(snapshot: MeshSnapshot, kind: KindRules): DescribedResourceRule[] {
  const ofMesh = kind.to.filter(({ targetRef }) => targetRef.kind === 'Mesh');
  const routes = (snapshot.policies.get('MeshHTTPRoute') ?? []).filter(
    (route) => !isShadow(route) && kind.to.some(({ targetRef }) => refersTo(targetRef, route)),
  );
  const rule = (resource: ResourceMeta, items: readonly ToItem[]): DescribedResourceRule => ({
    resourceMeta: metaOf(resource),
    resourceSectionName: '',
    conf: [effective(items, kind.strategy)?.conf],
    origin: items.map(describeOrigin),
  });
  return [
    ...(ofMesh.length > 0 ? [rule({ type: 'Mesh', mesh: '', name: snapshot.mesh, labels: {} }, ofMesh)] : []),
    ...routes.map((route) =>
      rule(
        route,
        kind.to.filter(({ targetRef }) => targetRef.kind === 'Mesh' || refersTo(targetRef, route)),
      ),
    ),
  ];
}

/** What is legal but has no effect as the mesh and the proxy stand. */
function warningsOf(snapshot: MeshSnapshot, dataplane: Resource<Dataplane>, { kind }: KindRules): string[] {
  if (kind === 'MeshPassthrough' && redirectPort(dataplane) === undefined)
    return [
      'The proxy has no networking.transparentProxying, so that this policy has no effect: nothing else is redirected to it',
    ];
  return mutualTlsWarnings(snapshot, kind);
}

function metasOf(items: readonly Item[]): ResourceMeta[] {
  return [...new Set(items.map(({ origin }) => origin.policy))].map(metaOf);
}

function describeOrigin({ origin: { policy, ruleIndex } }: Item): DescribedOrigin {
  return { resourceMeta: metaOf(policy), ...(ruleIndex !== undefined && { ruleIndex }) };
}

export function metaOf({ type, mesh, name, labels }: PolicyResource | ResourceMeta): ResourceMeta {
  return { type, mesh, name, labels };
}

function describeInbound({ name, port = 0, tags = {} }: Dataplane_Inbound): DescribedInbound {
  return { ...(name && { name }), port, tags };
}
