import { type ClusterIr, isHttp } from '@kuma-mesh/core-model/ir/index.ts';
import {
  HttpProtocolOptions,
  type HttpProtocolOptions_ExplicitHttpConfig,
} from '@kuma-mesh/envoy-api/generated/envoy/extensions/upstreams/http/v3/http_protocol_options.ts';
import type { Any } from '@kuma-mesh/envoy-api/generated/google/protobuf/any.ts';
import { pack } from '../envoy/pack.ts';
import { duration, limit } from '../envoy/values.ts';

/** How requests go to a cluster; nothing for clusters that take bytes. */
export function protocolOptions(cluster: ClusterIr): Record<string, Any> | undefined {
  if (!isHttp(cluster.protocol)) return undefined;
  const { idle, maxStreamDuration, maxConnectionDuration } = cluster.timeouts;
  const options: HttpProtocolOptions = {
    commonHttpProtocolOptions: {
      idleTimeout: duration(idle),
      maxStreamDuration: limit(maxStreamDuration),
      maxConnectionDuration: limit(maxConnectionDuration),
    },
    upstreamProtocolOptions: { $case: 'explicitHttpConfig', value: version(cluster) },
  };
  return { 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': pack(HttpProtocolOptions, options) };
}

/** The other end of a destination is a proxy of ours, which speaks HTTP/2 whatever its application speaks. */
function version({ role, protocol }: ClusterIr): HttpProtocolOptions_ExplicitHttpConfig {
  if (role !== 'destination' && protocol === 'http') return { protocolConfig: { $case: 'httpProtocolOptions', value: {} } };
  // WebSockets cross HTTP/2 as extended CONNECT.
  return { protocolConfig: { $case: 'http2ProtocolOptions', value: { allowConnect: true } } };
}
