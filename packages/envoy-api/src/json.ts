import { Any } from './generated/google/protobuf/any.ts';
import { type MessageType, messageTypeRegistry } from './generated/typeRegistry.ts';

/**
 * A message type by its URL or full name. Known are the types whose generated file was imported by somebody;
 * who shows configuration that others wrote imports `all-types.ts` first.
 */
export function messageType(typeUrl: string): MessageType | undefined {
  return messageTypeRegistry.get(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
}

/** A packed message as protobuf JSON: `@type`, nested messages unpacked likewise, durations as `1.5s`. Throws on an unknown type. */
export function anyToJson(packed: Any): unknown {
  return Any.toJSON(packed);
}

/** Protobuf JSON with an `@type` as a packed message. Lenient: drops unknown fields. Throws on an unknown type. */
export function jsonToAny(json: unknown): Any {
  return Any.fromJSON(json);
}
