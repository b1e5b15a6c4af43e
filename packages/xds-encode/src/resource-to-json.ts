import { messageType } from '@kuma-mesh/envoy-api/json.ts';
import { messageFromBytes, messageToJson, schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import type { EncodedResource } from './encoded.ts';

/** Fields of Envoy's API that hold secrets, whatever message they stand in. */
const secretFields = new Set(['privateKey', 'password', 'sessionTicketKeys', 'genericSecret', 'initialMetadata']);

/** A resource as protobuf JSON, for people: keys and tokens are replaced by `[redacted]`. */
export function resourceToJson(resource: EncodedResource): unknown {
  return redacted(unredactedJson(resource));
}

/** The codecs know the types that the encoder uses; what others patched in takes the whole schema. */
export function unredactedJson({ typeUrl, bytes, patched }: EncodedResource): unknown {
  const schema = patched && schemaOf(typeUrl);
  if (schema) return messageToJson(schema, messageFromBytes(schema, bytes));
  const type = messageType(typeUrl);
  if (type === undefined) throw new TypeError(`No message type for ${typeUrl}`);
  return type.toJSON(type.decode(bytes));
}

function redacted(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(redacted);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [key, secretFields.has(key) ? '[redacted]' : redacted(value)]),
  );
}
