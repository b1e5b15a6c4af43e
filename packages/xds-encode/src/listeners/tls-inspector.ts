import type { ListenerFilter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { TlsInspector } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector.ts';
import { extension } from '../envoy/pack.ts';

/** Tells TLS from plain text before a filter chain is chosen. */
export function tlsInspector(): ListenerFilter {
  return extension('envoy.filters.listener.tls_inspector', TlsInspector, {});
}
