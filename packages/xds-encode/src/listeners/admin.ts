import type { AdminListenerIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Listener } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener.ts';
import type { FilterChain } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { DownstreamTlsContext } from '@kuma-mesh/envoy-api/generated/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import { extension } from '../envoy/pack.ts';
import { inline, socketAddress } from '../envoy/values.ts';
import { forwarding } from './forwarding.ts';
import { tlsInspector } from './tls-inspector.ts';

/** `/ready` for everybody; the rest of Envoy's admin interface for who shows a client certificate of the control plane. */
export function adminListener(listener: AdminListenerIr): Listener {
  const { name, address, cluster, readyCluster = cluster } = listener;
  return {
    name,
    address: socketAddress(address.address, address.port),
    listenerFilters: [tlsInspector()],
    filterChains: [
      {
        filterChainMatch: { transportProtocol: 'raw_buffer' },
        filters: [forwarding({ statPrefix: name, cluster: readyCluster, path: { kind: 'exact', value: '/ready' } })],
      },
      ...forControlPlane(listener),
    ],
  };
}

function forControlPlane({ name, cluster, clientCa, server }: AdminListenerIr): FilterChain[] {
  if (clientCa === undefined || server === undefined) return [];
  return [
    {
      filterChainMatch: { transportProtocol: 'tls' },
      filters: [forwarding({ statPrefix: name, cluster, path: { kind: 'prefix', value: '/' } })],
      transportSocket: extension('envoy.transport_sockets.tls', DownstreamTlsContext, {
        requireClientCertificate: true,
        commonTlsContext: {
          tlsCertificates: [{ certificateChain: inline(server.certificate), privateKey: inline(server.key) }],
          validationContextType: { $case: 'validationContext', value: { trustedCa: inline(clientCa) } },
        },
      }),
    },
  ];
}
