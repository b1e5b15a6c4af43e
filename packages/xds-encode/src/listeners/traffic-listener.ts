import type { HttpHandlerIr, InboundListenerIr, OutboundListenerIr, TcpHandlerIr } from '@kuma-mesh/core-model/ir/index.ts';
import { TrafficDirection } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/base.ts';
import type { Listener } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener.ts';
import type { Filter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { socketAddress, sorted } from '../envoy/values.ts';
import { connectionManager } from '../network-filters/connection-manager.ts';
import { connectionFilters, networkFilters } from '../network-filters/network-filters.ts';

const directions = { inbound: TrafficDirection.INBOUND, outbound: TrafficDirection.OUTBOUND };

/** What listeners for the mesh's traffic have in common: all but the filter chains. */
export function trafficListener({ name, address, kind, tags }: InboundListenerIr | OutboundListenerIr): Listener {
  return {
    name,
    address: socketAddress(address.address, address.port),
    trafficDirection: directions[kind],
    ...(Object.keys(tags).length > 0 && { metadata: { filterMetadata: { 'io.kuma.tags': sorted(tags) } } }),
  };
}

/** The filters that carry out what a listener's handler says. */
export function handlerFilters(listener: string, handler: HttpHandlerIr | TcpHandlerIr): Filter[] {
  if (handler.kind === 'tcp') return networkFilters(listener, handler);
  return [...connectionFilters(listener, handler.connectionFilters ?? []), connectionManager(handler)];
}
