import type { ListenerFilter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { HttpInspector } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/listener/http_inspector/v3/http_inspector.ts';
import { extension } from '../envoy/pack.ts';

/** Tells HTTP from other plain text before a filter chain is chosen. */
export function httpInspector(): ListenerFilter {
  return extension('envoy.filters.listener.http_inspector', HttpInspector, {});
}
