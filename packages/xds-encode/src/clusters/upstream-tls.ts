import type { UpstreamTlsIr } from '@kuma-mesh/core-model/ir/index.ts';
import { UpstreamTlsContext } from '@kuma-mesh/envoy-api/generated/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import { meshTls, uriSan } from '../envoy/mesh-tls.ts';
import { type Extension, extension } from '../envoy/pack.ts';
import { exactly } from '../envoy/values.ts';

/** Mutual TLS towards a destination: shows the own identity, accepts only the destination's. */
export function upstreamTls(tls: UpstreamTlsIr): Extension {
  return extension('envoy.transport_sockets.tls', UpstreamTlsContext, {
    commonTlsContext: {
      ...meshTls(tls, identities(tls.spiffeIds)),
      alpnProtocols: [...tls.alpn],
    },
    sni: tls.sni,
  });
}

/** Envoy takes an empty list for "anybody with these roots"; a destination without identities has none that would do. */
function identities(spiffeIds: readonly string[]) {
  return (spiffeIds.length === 0 ? ['spiffe://'] : spiffeIds).map((id) => uriSan(exactly(id)));
}
