import { gunzipSync } from 'node:zlib';
import {
  createFileRegistry,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { packedDescriptors } from './generated/descriptors.ts';

/*
 * All of Envoy's API as data, for messages that others wrote: it knows every type, and is strict where the generated
 * codecs are lenient. Reading it takes a tenth of a second and some ten megabytes, once, on first use.
 */

let registry: FileRegistry | undefined;

export function envoySchema(): FileRegistry {
  registry ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, gunzipSync(Buffer.from(packedDescriptors(), 'base64'))));
  return registry;
}

/** A message type by its URL or full name. */
export function schemaOf(typeUrl: string): DescMessage | undefined {
  return envoySchema().getMessage(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
}

/** @throws Error on an unknown field, a value out of range, two members of a oneof, an unknown type in an Any */
export function messageFromJson(schema: DescMessage, json: JsonValue): Message {
  return fromJson(schema, json, { registry: envoySchema() });
}

export function messageToJson(schema: DescMessage, message: Message): JsonObject {
  return toJson(schema, message, { registry: envoySchema() }) as JsonObject;
}

export function messageFromBytes(schema: DescMessage, bytes: Uint8Array): Message {
  return fromBinary(schema, bytes);
}

export function messageToBytes(schema: DescMessage, message: Message): Uint8Array {
  return toBinary(schema, message);
}
