import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { isObject, type Json, type JsonObject } from './json.ts';
import { fieldNamed } from './spelling.ts';

/**
 * A message with a part of one merged into it: messages field by field, lists one behind the other, maps entry by entry,
 * and everything else replaced. What is stated counts, also where it is false, zero or empty.
 */
export function mergeMessage(schema: DescMessage, target: JsonObject, part: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...target };
  for (const [key, value] of Object.entries(part)) {
    const field = fieldNamed(schema, key);
    // `@type`, and what is refused when the whole is read again.
    if (field === undefined) merged[key] = value;
    else if (value !== null) {
      for (const other of field.oneof?.fields ?? []) if (other !== field) delete merged[other.jsonName];
      merged[field.jsonName] = mergeField(field, merged[field.jsonName], value);
    }
  }
  return merged;
}

function mergeField(field: DescField, before: Json | undefined, value: Json): Json {
  if (field.fieldKind === 'list' && Array.isArray(before) && Array.isArray(value)) return [...before, ...value];
  if (!isObject(before) || !isObject(value)) return value;
  if (field.fieldKind === 'map') return { ...before, ...value };
  if (field.fieldKind !== 'message' || field.message.typeName === 'google.protobuf.Any') return value;
  if (field.message.typeName === 'google.protobuf.Struct') return { ...before, ...value };
  return mergeMessage(field.message, before, value);
}
