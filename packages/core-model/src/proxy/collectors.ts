import type { ClusterIr, CollectorIr, ListenerIr } from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import { isIpAddress } from '../resources/addresses.ts';
import { deepFreeze } from '../resources/freeze.ts';
import { logsOfListener } from './logs-of-listener.ts';

/**
 * Adds a cluster for every collector that the listeners of a proxy send logs, spans and metrics to.
 * @param roots path of the certificates that the proxy's host trusts
 */
export function withCollectors(
  clusters: readonly ClusterIr[],
  listeners: readonly ListenerIr[],
  { roots, memo }: { readonly roots: string | undefined; readonly memo: Memo },
): readonly ClusterIr[] {
  const collectors = new Map(listeners.flatMap(collectorsOf).map((collector) => [collector.cluster, collector]));
  if (collectors.size === 0) return clusters;
  return Object.freeze([...clusters, ...[...collectors.values()].map((collector) => collectorCluster(collector, roots, memo))]);
}

export function collectorsOf(listener: ListenerIr): readonly CollectorIr[] {
  if (listener.kind === 'collector-pipe') return [listener.collector];
  const ofLogs = logsOfListener(listener).flatMap((log) => (log.kind === 'collected' ? log.collector : []));
  const traces = 'handler' in listener && listener.handler.kind === 'http' ? listener.handler.tracing : undefined;
  return traces ? [...ofLogs, traces.collector] : ofLogs;
}

/**
 * Envoy itself waits for the answer to an export for ever, and sends further ones on a connection whose other end vanished
 * without a word, until the system gives that up after a quarter of an hour. Servers of gRPC end connections that are asked
 * while nothing else is said: these end before.
 */
const timeouts = { idle: 12_000, maxStreamDuration: 10_000 } as const;
const keepalive = { interval: 15_000, timeout: 5_000 } as const;

function collectorCluster(collector: CollectorIr, roots: string | undefined, memo: Memo): ClusterIr {
  const { cluster, address, protocol, tls, forward } = collector;
  const trusted = tls ? roots : undefined;
  return memo.once('collector', [cluster, address.address, address.port, protocol, tls, forward?.socket, trusted], () =>
    deepFreeze<ClusterIr>({
      name: cluster,
      role: 'collector',
      discovery: forward
        ? { kind: 'pipe', path: forward.socket }
        : { kind: isIpAddress(address.address) ? 'static' : 'dns', address },
      protocol,
      timeouts,
      ...(protocol === 'grpc' && { keepalive }),
      ...(tls && { publicTls: { serverName: address.address, ...(trusted !== undefined && { roots: trusted }) } }),
    }),
  );
}
