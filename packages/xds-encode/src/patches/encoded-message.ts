import type { DescMessage } from '@bufbuild/protobuf';
import { isDeeperThan } from '@kuma-mesh/core-model/resources/sanitise.ts';
import { Cluster } from '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/cluster.ts';
import { Listener } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener.ts';
import { Filter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { RouteConfiguration } from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route.ts';
import { VirtualHost } from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route_components.ts';
import { HttpFilter } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { messageFromBytes, messageFromJson, messageToBytes, messageToJson } from '@kuma-mesh/envoy-api/schema.ts';
import type { JsonObject } from './json.ts';

/** Of all that patches are about. */
const codecs = new Map(
  [Cluster, Listener, RouteConfiguration, Filter, HttpFilter, VirtualHost].map((codec) => [codec.$type as string, codec]),
);

export const tooDeep = 'must not be nested deeper than the 100 messages within each other that Envoy reads';

/** Levels of JSON within which there cannot be 100 messages, as one level is three of them at most. */
const harmless = 30;

/**
 * A message as bytes that others can read: neither Envoy nor its codecs here take more than 100 messages within each other, of
 * which each level of free JSON is three.
 * @throws Error where it is no message of the type, or nested deeper
 */
export function encodedMessage(schema: DescMessage, json: JsonObject): Uint8Array {
  const bytes = messageToBytes(schema, messageFromJson(schema, json as never));
  if (!isDeeperThan(harmless, json)) return bytes;
  try {
    codecs.get(schema.typeName)!.decode(bytes);
    // Codecs leave packed messages as they are.
    messageToJson(schema, messageFromBytes(schema, bytes));
  } catch {
    throw new Error(tooDeep);
  }
  return bytes;
}
