import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import {
  type ClusterIr,
  isHttp,
  type Origin,
  type OutboundListenerIr,
  type ProxyNames,
  type RouteConfigIr,
} from '../ir/index.ts';
import type { DestinationView, MeshView } from '../policies/policy.ts';
import { deepFreeze } from '../resources/freeze.ts';
import type { Resource } from '../resources/resource.ts';
import { destinationKey, type ServiceDestination } from '../rules/destination.ts';
import { type Effective, originsOf } from '../rules/effective.ts';
import type { Memo } from '../rules/memo.ts';
import { rulesForDestination } from '../rules/outbound-rules.ts';
import type { KindRules, ProxyRules } from '../rules/proxy-rules.ts';
import { calledService, outboundsOf } from '../snapshot/dataplane-facts.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';
import { wellKnown, withoutTag } from '../snapshot/tags.ts';
import {
  clusterName,
  destinationCluster,
  outboundHttp,
  outboundTcp,
  type RulesByPolicy,
  rulesUsedBy,
} from './outbound-pieces.ts';
import { outboundRoutes, spread, weightedClusters } from './outbound-routes.ts';
import { kindRulesByPolicy } from './rules-by-policy.ts';

export interface OutboundParts {
  readonly listeners: readonly OutboundListenerIr[];
  readonly routes: readonly RouteConfigIr[];
  readonly clusters: readonly ClusterIr[];
}

export interface OutboundContext {
  readonly snapshot: MeshSnapshot;
  readonly rules: ProxyRules;
  readonly mesh: MeshView;
  readonly names: ProxyNames;
  readonly memo: Memo;
}

/** Takes the own service's traffic for what it calls. */
export function outboundParts(dataplane: Resource<Dataplane>, context: OutboundContext): OutboundParts {
  const { names, memo } = context;
  const kinds = kindRulesByPolicy(context.rules);
  const listeners = new Map<string, OutboundListenerIr>();
  const routes = new Map<string, RouteConfigIr>();
  const clusters = new Map<string, ClusterIr>();
  for (const outbound of outboundsOf(dataplane)) {
    const service = calledService(outbound);
    if (service === undefined || outbound.port === undefined) continue;
    const destination: ServiceDestination = {
      kind: 'service',
      service,
      tags: withoutTag(outbound.tags ?? {}, wellKnown.service),
    };
    const address = { address: outbound.address || '127.0.0.1', port: outbound.port };
    const name = names.outboundListener(address.address, address.port, clusterName(destination));
    if (listeners.has(name)) continue;
    const made = destinationParts(destination, kinds, context);
    for (const cluster of made.clusters) clusters.set(cluster.name, cluster);
    if (made.routes) routes.set(made.routes.name, made.routes);
    const tags = outbound.tags ?? { [wellKnown.service]: service };
    const inputs = [made.handler, made.origins, name, address.address, address.port, ...Object.entries(tags).sort().flat()];
    const listener = memo.once<OutboundListenerIr>('outbound listener', inputs, () =>
      Object.freeze({ kind: 'outbound', name, address, tags, handler: made.handler, origins: made.origins }),
    );
    listeners.set(name, listener);
  }
  return { listeners: [...listeners.values()], routes: [...routes.values()], clusters: [...clusters.values()] };
}

function destinationParts(destination: ServiceDestination, kinds: readonly (KindRules | undefined)[], context: OutboundContext) {
  const { mesh, names, memo } = context;
  const about = destinationView(destination, context);
  const rules = rulesByPolicy(about.destination, kinds, memo);
  const secrets = { identity: names.identitySecret(mesh.mesh), ca: names.caSecret(mesh.mesh) };
  const traffic = spread(rules, about, isHttp(about.protocol), memo);
  const clusters = traffic.destinations.map((backend) => {
    const aboutBackend = destinationView(backend, context);
    return destinationCluster(rulesByPolicy(aboutBackend.destination, kinds, memo), aboutBackend, secrets, memo);
  });
  if (traffic.kind === 'tcp') {
    return {
      clusters,
      routes: undefined,
      handler: outboundTcp(rules, about, weightedClusters(traffic.backends), memo),
      origins: originsUsedBy('tcp', rules, memo),
    };
  }
  const routes = outboundRoutes(
    { name: names.outboundRoutes(clusterName(destination)), drafts: traffic.drafts, rules, about, kinds },
    memo,
  );
  return {
    clusters,
    routes,
    handler: outboundHttp(rules, about, routes.name, memo),
    origins: originsUsedBy('http', rules, memo),
  };
}

function originsUsedBy(hookName: 'http' | 'tcp', rules: RulesByPolicy, memo: Memo): readonly Origin[] {
  const used = rulesUsedBy(hookName, rules, memo);
  return memo.once('outbound origins', [used], () => deepFreeze(used.flatMap(originsOf)));
}

/** One object for as long as the service looks the same; where it runs is no part of it. */
function destinationView(destination: ServiceDestination, { snapshot, mesh, memo }: OutboundContext): DestinationView {
  const protocol = snapshot.services.get(destination.service)?.protocol ?? 'tcp';
  return memo.once('destination view', [mesh, protocol, destinationKey(destination)], () =>
    Object.freeze({ ...mesh, destination: Object.freeze(destination), protocol }),
  );
}

function rulesByPolicy(destination: ServiceDestination, kinds: readonly (KindRules | undefined)[], memo: Memo): RulesByPolicy {
  return memo.intern(kinds.map((kind) => rulesForDestination(kind, destination, memo))) as readonly (
    | Effective<never>
    | undefined
  )[];
}
