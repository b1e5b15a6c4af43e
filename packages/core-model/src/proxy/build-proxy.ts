import { type ClusterIr, type ListenerIr, type ProxyIr, proxyNames } from '../ir/index.ts';
import { LastMade } from '../memo/last-made.ts';
import { Memo } from '../memo/memo.ts';
import { policies } from '../policies/index.ts';
import type { ProxyView } from '../policies/policy.ts';
import type { Effective } from '../rules/effective.ts';
import type { ProxyRules } from '../rules/proxy-rules.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';
import { withCollectors } from './collectors.ts';
import { endpointsOfClusters } from './endpoints.ts';
import { fillIn, hasLogs, logReferences } from './fill-in.ts';
import { withForwards } from './forwards.ts';
import { inboundParts } from './inbounds.ts';
import { meshServicesExclusive, meshView, passesOutside } from './mesh-view.ts';
import { otelSending } from './otel-sending.ts';
import { outboundParts } from './outbounds.ts';
import { ownFacts } from './own-facts.ts';
import type { ProxyInput } from './proxy-input.ts';
import { resolveRules } from './resolve-rules.ts';
import { inboundRules, kindRulesByPolicy } from './rules-by-policy.ts';
import { secretsOf } from './secrets.ts';
import { shareLists } from './share-lists.ts';
import { systemParts } from './system.ts';
import { outsideRules, transparentParts } from './transparent.ts';

/**
 * What one proxy should do.
 * @param memo of the mesh; with it, equal pieces of all its proxies, before and after a change, are one object
 */
export function buildProxy(snapshot: MeshSnapshot, input: ProxyInput, memo: Memo = new Memo()): ProxyIr {
  const { dataplane, features, shadow = false, origins = false } = input;
  const rules = resolveRules(snapshot, dataplane, { memo, shadow });
  const mesh = meshView(snapshot, memo);
  const names = proxyNames(features, meshServicesExclusive(snapshot));
  const passes = passesOutside(snapshot);
  // Stages that are the proxy's own; a change goes through those alone whose inputs it changed.
  const last = memo.once('last made', [dataplane], () => new LastMade());
  const stated = Object.values(input);
  const inbound = last.of('inbound', [mesh, names, origins, ...inboundRules(rules)], () =>
    inboundParts(dataplane, { rules, mesh, names, origins, memo }),
  );
  const outbound = outboundParts(dataplane, { snapshot, kinds: kindRulesByPolicy(rules), mesh, names, origins, memo });
  const system = last.of('system', [names, ...stated], () => systemParts(input, names, memo));
  const outside = outsideRules(input, rules, memo);
  const transparent = last.of('transparent', [passes, outside, mesh, names, ...stated], () =>
    transparentParts(input, { passes, rules: outside, mesh, names, origins, memo }),
  );
  const parts = [inbound, outbound, system, transparent];
  const sharing = { last, memo };
  const clusters = joined<ClusterIr>(
    'clusters',
    parts.map((part) => part.clusters),
    sharing,
  );
  const listeners = joined<ListenerIr>(
    'listeners',
    parts.map((part) => part.listeners),
    sharing,
  );
  const proxy: ProxyIr = {
    mesh: snapshot.mesh,
    name: dataplane.name,
    listeners,
    routes: joined('routes', [inbound.routes, outbound.routes], sharing),
    clusters,
    endpoints: endpointsOfClusters(snapshot, clusters, dataplane, memo),
    ...(origins && { origins: [...inbound.origins, ...outbound.origins, ...transparent.origins] }),
    secrets: last.of('secrets', [mesh, names], () => Object.freeze(secretsOf(dataplane, mesh, names, memo))),
  };
  const { workDir = '', metricsFiles, systemCaPath, zone } = input;
  const otelTarget = otelSending(snapshot, input, memo);
  const about = { ...mesh, memo, dataplane, zone, names, workDir, otelTarget, ...(metricsFiles && { metricsFiles }) };
  const whole = applyToWhole(proxy, rules, about);
  const filled = hasLogs(whole)
    ? last.of('filled in', [whole.listeners, whole.routes, snapshot.otelBackends, ...stated], () => {
        const referred = logReferences(whole);
        const facts = ownFacts(input, (ref) => otelTarget(ref, 'logs', referred));
        return fillIn(whole, facts, memo);
      })
    : whole.listeners;
  const told = last.of('told', [filled, names, workDir], () =>
    withForwards(filled, { name: names.sidecarConfig, workDir }, memo),
  );
  const collecting = last.of('collecting', [told, whole.clusters, systemCaPath], () =>
    withCollectors(whole.clusters, told, { roots: systemCaPath, memo }),
  );
  return Object.freeze(shareLists({ ...whole, listeners: told, clusters: collecting }, proxy, memo));
}

/** One list for the same lists, and where they are those of other proxies, one with these. */
function joined<Piece extends object>(
  name: string,
  lists: readonly (readonly Piece[])[],
  { last, memo }: { readonly last: LastMade; readonly memo: Memo },
): readonly Piece[] {
  return last.of(name, lists, () => memo.once(`joined ${name}`, lists, () => Object.freeze(lists.flat())));
}

function applyToWhole(proxy: ProxyIr, rules: ProxyRules, about: ProxyView): ProxyIr {
  return policies.reduce((made, policy) => {
    const rule = rules.kinds.get(policy.kind)?.proxy;
    return rule && policy.proxy ? policy.proxy(made, rule as Effective<never>, about) : made;
  }, proxy);
}
