import { type ClusterIr, isHttp } from '@kuma-mesh/core-model/ir/index.ts';
import {
  HttpProtocolOptions,
  type HttpProtocolOptions_ExplicitHttpConfig,
} from '@kuma-mesh/envoy-api/generated/envoy/extensions/upstreams/http/v3/http_protocol_options.ts';
import { TcpProtocolOptions } from '@kuma-mesh/envoy-api/generated/envoy/extensions/upstreams/tcp/v3/tcp_protocol_options.ts';
import type { Any } from '@kuma-mesh/envoy-api/generated/google/protobuf/any.ts';
import { pack } from '../envoy/pack.ts';
import { duration, limit } from '../envoy/values.ts';

/** How requests and connections go to a cluster. */
export function protocolOptions(cluster: ClusterIr): Record<string, Any> {
  return {
    ...(isHttp(cluster.protocol) && { 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': requestOptions(cluster) }),
    // A MeshTCPRoute sends connections to destinations of any protocol.
    ...((cluster.role === 'destination' || !isHttp(cluster.protocol)) && {
      'envoy.extensions.upstreams.tcp.v3.TcpProtocolOptions': connectionOptions(cluster),
    }),
  };
}

function requestOptions(cluster: ClusterIr): Any {
  const { idle, maxStreamDuration, maxConnectionDuration } = cluster.timeouts;
  return pack(HttpProtocolOptions, {
    commonHttpProtocolOptions: {
      idleTimeout: duration(idle),
      maxStreamDuration: limit(maxStreamDuration),
      maxConnectionDuration: limit(maxConnectionDuration),
    },
    upstreamProtocolOptions: { $case: 'explicitHttpConfig', value: version(cluster) },
  });
}

/** Milliseconds in which somebody else may take a connection that was made for a client who is gone. */
const unclaimed = 1000;

/**
 * Envoy would keep such a connection for ten minutes: meanwhile it counts against limits, and whoever gets it in the end hears
 * what the service said to it long ago. The time runs from when the connection is begun, and never while somebody has it.
 */
function connectionOptions({ timeouts }: ClusterIr): Any {
  return pack(TcpProtocolOptions, { idleTimeout: duration((connectTimeout(timeouts) ?? 5000) + unclaimed) });
}

/** Milliseconds; five seconds when absent. Envoy knows no zero here; a day is as good as none. */
export function connectTimeout({ connect }: ClusterIr['timeouts']): number | undefined {
  return connect === 0 ? 24 * 60 * 60 * 1000 : connect;
}

/** The other end of a destination is a proxy of ours, which speaks HTTP/2 whatever its application speaks. */
function version({ role, protocol, keepalive }: ClusterIr): HttpProtocolOptions_ExplicitHttpConfig {
  if (role !== 'destination' && protocol === 'http') return { protocolConfig: { $case: 'httpProtocolOptions', value: {} } };
  const connectionKeepalive = keepalive && {
    interval: duration(keepalive.interval),
    timeout: duration(keepalive.timeout),
  };
  // WebSockets cross HTTP/2 as extended CONNECT.
  return {
    protocolConfig: {
      $case: 'http2ProtocolOptions',
      value: { allowConnect: true, ...(connectionKeepalive && { connectionKeepalive }) },
    },
  };
}
