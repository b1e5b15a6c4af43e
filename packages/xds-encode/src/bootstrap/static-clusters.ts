import { isIP } from 'node:net';
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
import type { ControlPlaneAddress } from './bootstrap-params.ts';
import { controlPlaneTls } from './control-plane-tls.ts';
import type { SystemNames } from './system-names.ts';

/**
 * Between two questions whether the control plane answers, and until one that does not is left. Envoy lengthens the first by
 * up to 15 %. One that stands still must be left before the others take it for dead and its proxies for gone (`Members` and
 * `dataplaneDeregistrationDelay` of kuma-cp); that its host answers means little. Thousands of sidecars that ask are most of
 * what an idle control plane does. Milliseconds.
 */
export const keepalive = { interval: 28_000, timeout: 4_000 };

export interface StaticClustersInput {
  readonly controlPlane: ControlPlaneAddress;
  readonly names: SystemNames;
  /** The client of streams with a token from a file brings its own connection. */
  readonly withTokenFile: boolean;
  /** Path at which the sidecar takes access logs. */
  readonly accessLogSocket: string;
}

/** The clusters that must be there before anything came from the control plane. */
export function staticClusters({ controlPlane, names, withTokenFile, accessLogSocket }: StaticClustersInput): Cluster[] {
  const controlPlaneCluster = {
    ...http2Cluster(names.controlPlane, socketAddress(controlPlane.host, controlPlane.port), {
      connectTimeout: controlPlane.connectTimeout,
      connectionKeepalive: { interval: duration(keepalive.interval), timeout: duration(keepalive.timeout) },
    }),
    ...byName(controlPlane.host),
    transportSocket: controlPlaneTls(controlPlane),
  };
  return [...(withTokenFile ? [] : [controlPlaneCluster]), http2Cluster(names.accessLog, pipeAddress(accessLogSocket))];
}

interface Http2Options extends Pick<Http2ProtocolOptions, 'connectionKeepalive'> {
  /** Milliseconds. */
  readonly connectTimeout?: number;
}

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
