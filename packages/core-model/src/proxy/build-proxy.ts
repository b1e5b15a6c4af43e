import { type ProxyIr, proxyNames } from '../ir/index.ts';
import { Memo } from '../memo/memo.ts';
import { policies } from '../policies/index.ts';
import type { ProxyView } from '../policies/policy.ts';
import type { Effective } from '../rules/effective.ts';
import type { ProxyRules } from '../rules/proxy-rules.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';
import { withCollectors } from './collectors.ts';
import { endpointsOfClusters } from './endpoints.ts';
import { fillIn } from './fill-in.ts';
import { inboundParts } from './inbounds.ts';
import { meshServicesExclusive, meshView, passesOutside } from './mesh-view.ts';
import { outboundParts } from './outbounds.ts';
import { ownFacts } from './own-facts.ts';
import type { ProxyInput } from './proxy-input.ts';
import { resolveRules } from './resolve-rules.ts';
import { secretsOf } from './secrets.ts';
import { shareLists } from './share-lists.ts';
import { systemParts } from './system.ts';
import { transparentParts } from './transparent.ts';

/**
 * What one proxy should do.
 * @param memo of the mesh; with it, equal pieces of all its proxies, before and after a change, are one object
 */
export function buildProxy(snapshot: MeshSnapshot, input: ProxyInput, memo: Memo = new Memo()): ProxyIr {
  const { dataplane, features, shadow = false } = input;
  const rules = resolveRules(snapshot, dataplane, { memo, shadow });
  const mesh = meshView(snapshot, memo);
  const names = proxyNames(features, meshServicesExclusive(snapshot));
  const inbound = inboundParts(dataplane, { rules, mesh, names, memo });
  const outbound = outboundParts(dataplane, { snapshot, rules, mesh, names, memo });
  const system = systemParts(input, names, memo);
  const transparent = transparentParts(input, { passes: passesOutside(snapshot), names, memo });
  const clusters = [...inbound.clusters, ...outbound.clusters, ...system.clusters, ...transparent.clusters];
  const proxy: ProxyIr = {
    mesh: snapshot.mesh,
    name: dataplane.name,
    listeners: Object.freeze([...inbound.listeners, ...outbound.listeners, ...system.listeners, ...transparent.listeners]),
    routes: Object.freeze([...inbound.routes, ...outbound.routes]),
    clusters: Object.freeze(clusters),
    endpoints: Object.freeze(endpointsOfClusters(snapshot, clusters, dataplane, memo)),
    secrets: Object.freeze(secretsOf(dataplane, mesh, names, memo)),
  };
  const { workDir = '', metricsFiles } = input;
  const about = { ...mesh, memo, dataplane, names, workDir, ...(metricsFiles && { metricsFiles }) };
  const whole = applyToWhole(proxy, rules, about);
  return Object.freeze(shareLists(withCollectors(fillIn(whole, ownFacts(input), memo), input.systemCaPath, memo), memo));
}

function applyToWhole(proxy: ProxyIr, rules: ProxyRules, about: ProxyView): ProxyIr {
  return policies.reduce((made, policy) => {
    const rule = rules.kinds.get(policy.kind)?.proxy;
    return rule && policy.proxy ? policy.proxy(made, rule as Effective<never>, about) : made;
  }, proxy);
}
