/**
 *   redirected connection ─► passthrough listener ─┬─ by port, address, name ─► cluster of the place, or original destination
 *                                                  └─ nothing matches: closed
 */
import type { MeshPassthrough_Conf } from '../../generated/types/kuma/mesh_passthrough.ts';
import type { ClusterIr, PassthroughIr, PassthroughListenerIr, ProxyIr, ProxyNames } from '../../ir/index.ts';
import { byIdentity } from '../../memo/by-identity.ts';
import { deepFreeze } from '../../resources/freeze.ts';
import type { Effective } from '../../rules/effective.ts';
import type { Policy } from '../policy.ts';
import { shapedBy } from '../shaped-by.ts';
import { passthroughChains } from './chains.ts';
import { originalCluster, passingCluster, passings } from './passing.ts';
import { useless } from './useless.ts';

/** Which places outside the mesh a service reaches. Without a policy the mesh says whether all or none. */
export const meshPassthrough: Policy<MeshPassthrough_Conf> = {
  kind: 'MeshPassthrough',
  merge: { appendMatch: { kind: 'append' } },
  proxy: (proxy, rule, { names }) => {
    const listeners = proxy.listeners.filter((listener) => listener.kind === 'passthrough');
    return listeners.length === 0 ? proxy : withPassthrough(proxy, listeners, rule, effectOf(rule)(names));
  },
  useless,
};

interface Effect {
  readonly listener: (listener: PassthroughListenerIr) => PassthroughListenerIr;
  readonly clusters: (listener: PassthroughListenerIr) => readonly ClusterIr[];
}

function withPassthrough(proxy: ProxyIr, listeners: readonly PassthroughListenerIr[], rule: Effective, effect: Effect): ProxyIr {
  const own = proxy.clusters.filter(({ role }) => role !== 'passthrough');
  const added = new Map(listeners.flatMap(effect.clusters).map((cluster) => [cluster.name, cluster]));
  return {
    ...proxy,
    listeners: proxy.listeners.map((listener) => (listener.kind === 'passthrough' ? effect.listener(listener) : listener)),
    clusters: [...own, ...added.values()],
    ...shapedBy(rule, proxy, { listeners, clusters: [...added.values()] }),
  };
}

/** Made once for all proxies that the same policies select. */
const effectOf: (rule: Effective<MeshPassthrough_Conf>) => (names: ProxyNames) => Effect = byIdentity((rule) =>
  byIdentity((names) => {
    const { passthroughMode = 'None', appendMatch = [] } = rule.conf;
    const passing = passthroughMode === 'Matched' ? passings(appendMatch) : [];
    const all = byIdentity(({ name }: PassthroughListenerIr) => deepFreeze([originalCluster(name)]));
    const matched = deepFreeze(passing.map(passingCluster));
    const usedBy = ({ passes }: PassthroughListenerIr) => {
      const used = clustersOf(passes);
      return matched.filter(({ name }) => used.has(name));
    };
    const passes = (listener: PassthroughListenerIr): PassthroughIr => {
      if (passthroughMode === 'All') return { kind: 'all', cluster: listener.name };
      const family = listener.name === names.outboundPassthrough('ipv6') ? 'ipv6' : 'ipv4';
      return passing.length === 0 ? { kind: 'none' } : passthroughChains(family, passing);
    };
    const listener = byIdentity((one: PassthroughListenerIr) => deepFreeze({ ...one, passes: passes(one) }));
    return { listener, clusters: passthroughMode === 'All' ? all : (one) => usedBy(listener(one)) };
  }),
);

/** There may be a chain for each of hundreds of matches at each of hundreds of ports. */
function clustersOf(passes: PassthroughIr): ReadonlySet<string> {
  const chains = passes.kind === 'matched' ? passes.chains : [];
  return new Set(
    chains.flatMap(({ carries }) =>
      carries.kind === 'requests' ? carries.hosts.map(({ cluster }) => cluster) : [carries.cluster],
    ),
  );
}
