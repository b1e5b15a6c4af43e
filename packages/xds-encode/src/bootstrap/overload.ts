import type { OverloadManager } from '@kuma-mesh/envoy-api/generated/envoy/config/overload/v3/overload.ts';
import { FixedHeapConfig } from '@kuma-mesh/envoy-api/generated/envoy/extensions/resource_monitors/fixed_heap/v3/fixed_heap.ts';
import { extension } from '../envoy/pack.ts';
import { duration } from '../envoy/values.ts';

const monitor = 'envoy.resource_monitors.fixed_heap';

/** Gives memory back when the heap nears its limit, then takes no more requests, rather than being killed for it. */
export function overloadManager(maxHeapSizeBytes: number): OverloadManager {
  return {
    refreshInterval: duration(250),
    resourceMonitors: [extension(monitor, FixedHeapConfig, { maxHeapSizeBytes })],
    actions: [above('envoy.overload_actions.shrink_heap', 0.95), above('envoy.overload_actions.stop_accepting_requests', 0.98)],
  };
}

function above(name: string, value: number) {
  return { name, triggers: [{ name: monitor, triggerOneof: { $case: 'threshold' as const, value: { value } } }] };
}
