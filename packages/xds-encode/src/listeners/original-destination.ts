import type { ListenerFilter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { OriginalDst } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/listener/original_dst/v3/original_dst.ts';
import { extension } from '../envoy/pack.ts';

/** Finds where a connection was going before it was redirected. */
export function originalDestination(): ListenerFilter {
  return extension('envoy.filters.listener.original_dst', OriginalDst, {});
}
