import type { OutboundListenerIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Listener } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener.ts';
import { handlerFilters, trafficListener } from './traffic-listener.ts';

export function outboundListener(listener: OutboundListenerIr): Listener {
  return { ...trafficListener(listener), filterChains: [{ filters: handlerFilters(listener.name, listener.handler) }] };
}
