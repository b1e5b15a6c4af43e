import type { DownstreamTlsIr } from '@kuma-mesh/core-model/ir/index.ts';
import { DownstreamTlsContext } from '@kuma-mesh/envoy-api/generated/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import { meshTls, uriSan } from '../envoy/mesh-tls.ts';
import { type Extension, extension } from '../envoy/pack.ts';
import { beginsWith } from '../envoy/values.ts';
import { oncePerObject } from '../resource.ts';

type MutualTlsIr = Exclude<DownstreamTlsIr, { kind: 'none' }>;

/** The protocol that proxies of the mesh name in their handshake. */
export const meshAlpn = 'kuma';

/** Mutual TLS towards callers: only certificates of the mesh. */
export const downstreamTls = oncePerObject(
  (tls: MutualTlsIr): Extension =>
    extension('envoy.transport_sockets.tls', DownstreamTlsContext, {
      requireClientCertificate: true,
      commonTlsContext: meshTls(tls, [uriSan(beginsWith(tls.clientSanPrefix))]),
    }),
);
