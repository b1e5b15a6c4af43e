import { schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { expect, it } from 'vitest';
import { inOneSpelling } from './spelling.ts';

it('fields are named in one way, also in packed messages, and keys of maps and free JSON are left as they are', () => {
  const type = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';
  const stated = {
    unknown_one: { health_checks: [] },
    health_checks: [{ unhealthy_threshold: 2, timeout: '1s' }, null],
    upstreamConnectionOptions: { tcp_keepalive: { keepalive_time: 3 } },
    typed_extension_protocol_options: { cluster_name: { '@type': type, common_tls_context: { alpn_protocols: ['a'] } } },
    metadata: { filter_metadata: { cluster_name: { cluster_name: 1 } } },
  };
  expect(inOneSpelling(schemaOf('envoy.config.cluster.v3.Cluster')!, stated)).toEqual({
    unknown_one: { health_checks: [] },
    healthChecks: [{ unhealthyThreshold: 2, timeout: '1s' }, null],
    upstreamConnectionOptions: { tcpKeepalive: { keepaliveTime: 3 } },
    typedExtensionProtocolOptions: { cluster_name: { '@type': type, commonTlsContext: { alpnProtocols: ['a'] } } },
    metadata: { filterMetadata: { cluster_name: { cluster_name: 1 } } },
  });
});
