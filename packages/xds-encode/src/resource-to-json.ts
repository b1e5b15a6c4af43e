import { messageType } from '@kuma-mesh/envoy-api/json.ts';
import type { EncodedResource } from './encoded.ts';

/** Fields of Envoy's API that hold secrets, whatever message they stand in. */
const secretFields = new Set(['privateKey', 'password', 'sessionTicketKeys', 'genericSecret', 'initialMetadata']);

/** A resource as protobuf JSON, for people: keys and tokens are replaced by `[redacted]`. */
export function resourceToJson(resource: EncodedResource): unknown {
  const type = messageType(resource.typeUrl);
  if (type === undefined) throw new TypeError(`No message type for ${resource.typeUrl}`);
  return redacted(type.toJSON(type.decode(resource.bytes)));
}

function redacted(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(redacted);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [key, secretFields.has(key) ? '[redacted]' : redacted(value)]),
  );
}
