import { outboundsOf } from '@kuma-mesh/core-model/dataplane/parts.ts';
import { backendDrafts } from '@kuma-mesh/core-model/policies/backend-refs.ts';
import { onlyPart, protocolOf } from '@kuma-mesh/core-model/proxy/destination-pieces.ts';
import { Memo, mergedRules, resolveRules } from '@kuma-mesh/core-model/proxy/index.ts';
import { clusterName } from '@kuma-mesh/core-model/proxy/outbound-pieces.ts';
import { serviceKri } from '@kuma-mesh/core-model/resources/kri.ts';
import { outboundDestination, type ServiceDestination } from '@kuma-mesh/core-model/rules/destination.ts';
import type { Effective } from '@kuma-mesh/core-model/rules/effective.ts';
import { canonicalJson } from '@kuma-mesh/core-model/rules/merge.ts';
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
 * What policies say of the routes to one destination that a policy had a say in, by its KRI. Where they do not say the same of
 * all of these, each answer bears the `matches` that it is for.
 * @throws ApiError as {@link outboundPoliciesView}, for each of the KRIs
 */
export function routePoliciesView(subject: Subject, kri: string, routeKri: string) {
  const destination = destinationOf(subject, kri);
  const routes = routesOf(subject, kri)
    .flatMap(({ rule }) => [...mergedRules(rule)])
    .filter(({ origins }) => origins.some((origin) => origin.kri === routeKri));
  if (routes.length === 0) throw absentOrMalformed('route', routeKri);
  const views = routes.map(({ matches, conf, origins }) => {
    const part = onlyPart(backendDrafts(conf.backendRefs ?? []), destination);
    const policies = origins.map(({ policy }) => policy);
    return { matches, ...policiesView(subject, (rules, memo) => rulesForRoute(rules, part, policies, memo)) };
  });
  const alike = Map.groupBy(views, ({ policies }) => canonicalJson(policies));
  if (alike.size === 1) return { policies: views[0]!.policies };
  return {
    policies: [...alike.values()].flatMap((same) => {
      const matches = same.flatMap((view) => view.matches);
      return same[0]!.policies.map((policy) => ({ ...policy, matches }));
    }),
  };
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
