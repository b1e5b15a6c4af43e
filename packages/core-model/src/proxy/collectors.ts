import type { ClusterIr, CollectorIr, ListenerIr, ProxyIr } from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import { isIpAddress } from '../resources/addresses.ts';
import { deepFreeze } from '../resources/freeze.ts';

/** Adds a cluster for every collector that the listeners of a proxy send logs to. */
export function withCollectors(proxy: ProxyIr, memo: Memo): ProxyIr {
  const collectors = new Map(proxy.listeners.flatMap(collectorsOf).map((collector) => [collector.cluster, collector]));
  if (collectors.size === 0) return proxy;
  const clusters = [...collectors.values()].map((collector) => collectorCluster(collector, memo));
  return { ...proxy, clusters: Object.freeze([...proxy.clusters, ...clusters]) };
}

function collectorsOf(listener: ListenerIr): readonly CollectorIr[] {
  if (listener.kind !== 'inbound' && listener.kind !== 'outbound') return [];
  return (listener.handler.accessLogs ?? []).flatMap((log) => (log.kind === 'collected' ? log.collector : []));
}

function collectorCluster({ cluster, address, protocol }: CollectorIr, memo: Memo): ClusterIr {
  return memo.once('collector', [cluster, address.address, address.port, protocol], () =>
    deepFreeze<ClusterIr>({
      name: cluster,
      role: 'collector',
      discovery: { kind: isIpAddress(address.address) ? 'static' : 'dns', address },
      protocol,
      timeouts: {},
      origins: [],
    }),
  );
}
