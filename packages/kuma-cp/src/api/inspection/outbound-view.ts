import { outboundsOf } from '@kuma-mesh/core-model/dataplane/parts.ts';
import { protocolOf } from '@kuma-mesh/core-model/proxy/destination-pieces.ts';
import { Memo, mergedRules, resolveRules } from '@kuma-mesh/core-model/proxy/index.ts';
import { clusterName } from '@kuma-mesh/core-model/proxy/outbound-pieces.ts';
import { kriOf, serviceKri } from '@kuma-mesh/core-model/resources/kri.ts';
import { outboundDestination, type ServiceDestination } from '@kuma-mesh/core-model/rules/destination.ts';
import type { Effective } from '@kuma-mesh/core-model/rules/effective.ts';
import { rulesForDestination, rulesForRoute } from '@kuma-mesh/core-model/rules/outbound-rules.ts';
import type { Subject } from './inspected-meshes.ts';
import { absentOrMalformed, originKris } from './kris.ts';

/** What a proxy calls. */
export function outboundsView({ snapshot, dataplane }: Subject) {
  return [...destinationsByKri(snapshot.mesh, dataplane)].map(([kri, { destination, port }]) => ({
    kri,
    port,
    protocol: protocolOf(snapshot, destination),
    proxyResourceName: clusterName(destination),
  }));
}

/**
 * What policies say of what goes to one destination; where it is routed is said by {@link outboundRoutesView}.
 * @throws ApiError 404 when the proxy calls nothing with this KRI, 400 when it is none
 */
export function outboundPoliciesView(subject: Subject, kri: string) {
  const destination = destinationOf(subject, kri);
  return policiesView(subject, (rules, memo) => rulesForDestination(rules, destination, memo));
}

/**
 * Where what goes to one destination is routed, by the policies that say so.
 * @throws ApiError as {@link outboundPoliciesView}
 */
export function outboundRoutesView(subject: Subject, kri: string) {
  const routes = routesOf(subject, kri);
  return { routes: routes.map(({ kind, rule, rules }) => ({ kind, origins: originKris(rule.items), rules })) };
}

/**
 * What policies say of one route to a destination, by the KRI of a policy that the route was made of.
 * @throws ApiError as {@link outboundPoliciesView}, for each of the KRIs
 */
export function routePoliciesView(subject: Subject, kri: string, routeKri: string) {
  const destination = destinationOf(subject, kri);
  const policies = routesOf(subject, kri).flatMap(({ rule }) => rule.items.map(({ origin }) => origin.policy));
  const route = policies.find((policy) => kriOf(policy) === routeKri);
  if (route === undefined) throw absentOrMalformed('route', routeKri);
  return policiesView(subject, (rules, memo) => rulesForRoute(rules, destination, [route], memo));
}

type KindRules = Parameters<typeof rulesForDestination>[0];
type Routing = NonNullable<ReturnType<typeof routingOf>>;

function policiesView({ snapshot, dataplane }: Subject, ruleOf: (rules: KindRules, memo: Memo) => Effective | undefined) {
  const memo = new Memo();
  const policies = [...resolveRules(snapshot, dataplane).kinds.values()].flatMap((rules) => {
    const rule = isRouting(rules.kind) ? undefined : ruleOf(rules, memo);
    return rule ? [{ kind: rules.kind, origins: originKris(rule.items), conf: rule.conf }] : [];
  });
  return { policies };
}

function routesOf(subject: Subject, kri: string): readonly Routing[] {
  const destination = destinationOf(subject, kri);
  const { kinds } = resolveRules(subject.snapshot, subject.dataplane);
  return [...kinds.values()].flatMap((rules) => {
    const rule = isRouting(rules.kind) ? rulesForDestination(rules, destination, new Memo()) : undefined;
    return rule ? [routingOf(rules.kind, rule as Effective<never>)] : [];
  });
}

function isRouting(kind: string): boolean {
  return kind === 'MeshHTTPRoute' || kind === 'MeshTCPRoute';
}

function routingOf(kind: string, rule: Effective<never>) {
  // Of several policies with the same matches the last one has the say.
  const rules = [...mergedRules(rule)].map(({ matches, conf, origins }) => ({ kri: origins.at(-1)!.kri, matches, conf }));
  return { kind, rule, rules };
}

function destinationOf({ snapshot, dataplane }: Subject, kri: string): ServiceDestination {
  const known = destinationsByKri(snapshot.mesh, dataplane).get(kri);
  if (known === undefined) throw absentOrMalformed('outbound', kri);
  return known.destination;
}

/** Part of a service is a section of it, named by the digits that its cluster has. */
function destinationsByKri(mesh: string, dataplane: Subject['dataplane']) {
  const destinations = new Map<string, { readonly destination: ServiceDestination; readonly port: number }>();
  for (const outbound of outboundsOf(dataplane)) {
    const { port } = outbound;
    const destination = outboundDestination(outbound);
    if (destination === undefined || port === undefined) continue;
    const { service } = destination;
    const section = clusterName(destination).slice(service.length + 1);
    const kri = serviceKri(mesh, service, section);
    if (!destinations.has(kri)) destinations.set(kri, { destination, port });
  }
  return destinations;
}
