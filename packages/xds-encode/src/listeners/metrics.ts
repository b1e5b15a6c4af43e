import { type MetricsListenerIr, type MetricsTlsIr, statName } from '@kuma-mesh/core-model/ir/index.ts';
import { TrafficDirection } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/base.ts';
import type { Listener } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener.ts';
import { DownstreamTlsContext } from '@kuma-mesh/envoy-api/generated/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import { type Extension, extension } from '../envoy/pack.ts';
import { socketAddress } from '../envoy/values.ts';
import { downstreamTls } from './downstream-tls.ts';
import { forwarding } from './forwarding.ts';

export function metricsListener({ name, address, path, cluster, clusterPath, tls }: MetricsListenerIr): Listener {
  const statPrefix = statName(name);
  const transportSocket = secured(tls);
  return {
    name,
    address: socketAddress(address.address, address.port),
    trafficDirection: TrafficDirection.INBOUND,
    // Two proxies of a host on one port must not answer by turns: the second one is refused, and that is reported.
    enableReusePort: false,
    filterChains: [
      {
        filters: [forwarding({ statPrefix, cluster, path: { kind: 'exact', value: path }, clusterPath })],
        ...(transportSocket && { transportSocket }),
      },
    ],
  };
}

function secured(tls: MetricsTlsIr): Extension | undefined {
  switch (tls.kind) {
    case 'none':
      return undefined;
    case 'strict':
      return downstreamTls(tls);
    case 'files':
      return extension('envoy.transport_sockets.tls', DownstreamTlsContext, {
        commonTlsContext: {
          tlsCertificates: [
            {
              certificateChain: { specifier: { $case: 'filename', value: tls.certificate } },
              privateKey: { specifier: { $case: 'filename', value: tls.key } },
            },
          ],
        },
      });
  }
}
