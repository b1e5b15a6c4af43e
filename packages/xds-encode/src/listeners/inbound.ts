import type { HttpHandlerIr, InboundListenerIr, TcpHandlerIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Listener } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener.ts';
import type { FilterChain } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { duration } from '../envoy/values.ts';
import { downstreamTls, meshAlpn } from './downstream-tls.ts';
import { tlsInspector } from './tls-inspector.ts';
import { handlerFilters, trafficListener } from './traffic-listener.ts';

export function inboundListener(listener: InboundListenerIr): Listener {
  const { name, tls, handler } = listener;
  const common = trafficListener(listener);
  switch (tls.kind) {
    case 'none':
      return { ...common, filterChains: [{ filters: handlerFilters(name, handler) }] };
    case 'strict':
      return {
        ...common,
        filterChains: [{ filters: handlerFilters(name, handler), transportSocket: downstreamTls(tls) }],
      };
    case 'permissive':
      return {
        ...common,
        listenerFilters: [tlsInspector()],
        ...(handler.kind === 'tcp' && silenceIsPlainText),
        filterChains: [
          {
            filterChainMatch: { transportProtocol: 'tls', applicationProtocols: [meshAlpn] },
            filters: handlerFilters(name, handler),
            transportSocket: downstreamTls(tls),
          },
          ...outsideMesh(name, withoutIdentity(handler)),
        ],
      };
  }
}

/**
 * Who begins a connection with TLS does so at once. Who waits for the service to speak first, as clients of many databases
 * do, would never be told from others, and be closed in the end.
 */
const silenceIsPlainText: Pick<Listener, 'listenerFiltersTimeout' | 'continueOnListenerFiltersTimeout'> = {
  listenerFiltersTimeout: duration(1000),
  continueOnListenerFiltersTimeout: true,
};

/** Plain text, and TLS that the application itself ends: bytes that are none of ours to read. */
function outsideMesh(name: string, handler: HttpHandlerIr | TcpHandlerIr): FilterChain[] {
  const protocols = handler.kind === 'tcp' ? ['raw_buffer', 'tls'] : ['raw_buffer'];
  return protocols.map((transportProtocol) => ({
    filterChainMatch: { transportProtocol },
    filters: handlerFilters(name, handler),
  }));
}

/** A client outside the mesh shows no certificate: permissions cannot be asked of it, that is what permissive means. */
function withoutIdentity<T extends HttpHandlerIr | TcpHandlerIr>(handler: T): T {
  const filters = handler.filters.filter(({ kind }) => kind !== 'permission');
  return { ...handler, filters, ...(handler.kind === 'http' && { forwardClientCertificate: false }) };
}
