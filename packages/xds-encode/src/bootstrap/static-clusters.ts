import { isIP } from 'node:net';
import { accessLogSocket } from '@kuma-mesh/core-model/dataplane/sidecar-sockets.ts';
import {
  type Cluster,
  Cluster_DiscoveryType,
  Cluster_DnsLookupFamily,
} from '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/cluster.ts';
import type { Address } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/address.ts';
import type { Http2ProtocolOptions } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/protocol.ts';
import { HttpProtocolOptions } from '@kuma-mesh/envoy-api/generated/envoy/extensions/upstreams/http/v3/http_protocol_options.ts';
import { pack } from '../envoy/pack.ts';
import { duration, pipeAddress, socketAddress } from '../envoy/values.ts';
import type { BootstrapParams } from './bootstrap-params.ts';
import { controlPlaneTls } from './control-plane-tls.ts';
import { systemNames } from './system-names.ts';

/** The clusters that must be there before anything came from the control plane. */
export function staticClusters(params: BootstrapParams): Cluster[] {
  const { controlPlane, features, token } = params;
  const names = systemNames(features);
  const controlPlaneCluster = {
    ...http2Cluster(names.controlPlane, socketAddress(controlPlane.host, controlPlane.port), {
      connectTimeout: controlPlane.connectTimeout,
      connectionKeepalive: { interval: duration(10_000), timeout: duration(5_000) },
    }),
    ...byName(controlPlane.host),
    transportSocket: controlPlaneTls(controlPlane),
  };
  return [
    ...(token.kind === 'file' ? [] : [controlPlaneCluster]),
    http2Cluster(names.accessLog, pipeAddress(accessLogSocket({ ...params, workDir: params.workdir }))),
  ];
}

interface Http2Options extends Pick<Http2ProtocolOptions, 'connectionKeepalive'> {
  /** Milliseconds. */
  readonly connectTimeout?: number;
}

/**
 * A control plane that stands still is left before the others take it for dead and its proxies for gone, which is later than
 * the sum of `connectionKeepalive`; that its host answers means little.
 */
function http2Cluster(name: string, address: Address, options: Http2Options = {}): Cluster {
  const { connectTimeout = 1_000, ...http2ProtocolOptions } = options;
  return {
    name,
    clusterDiscoveryType: { $case: 'type', value: Cluster_DiscoveryType.STATIC },
    connectTimeout: duration(connectTimeout),
    loadAssignment: {
      clusterName: name,
      endpoints: [{ lbEndpoints: [{ hostIdentifier: { $case: 'endpoint', value: { address } } }] }],
    },
    typedExtensionProtocolOptions: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': pack(HttpProtocolOptions, {
        upstreamProtocolOptions: {
          $case: 'explicitHttpConfig',
          value: { protocolConfig: { $case: 'http2ProtocolOptions', value: http2ProtocolOptions } },
        },
      }),
    },
    // A peer that vanished without a word is noticed within half a minute.
    upstreamConnectionOptions: { tcpKeepalive: { keepaliveTime: 10, keepaliveInterval: 10, keepaliveProbes: 3 } },
  };
}

/** `localhost` often has an IPv6 address that nothing listens on; Envoy would try it first. */
function byName(host: string): Partial<Cluster> {
  if (isIP(host) !== 0) return {};
  return {
    clusterDiscoveryType: { $case: 'type', value: Cluster_DiscoveryType.STRICT_DNS },
    dnsLookupFamily: Cluster_DnsLookupFamily.V4_PREFERRED,
  };
}
