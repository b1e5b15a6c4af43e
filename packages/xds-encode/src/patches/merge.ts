import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { isObject, type Json, type JsonObject } from './json.ts';
import { fieldNamed, valueInOneSpelling } from './spelling.ts';

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

function mergeField(field: DescField, before: Json | undefined, stated: Json): Json {
  if (field.fieldKind === 'message' && isObject(before) && isObject(stated) && !isTakenWhole(field.message))
    return mergeMessage(field.message, before, stated);
  const value = valueInOneSpelling(field, stated);
  if (field.fieldKind === 'list' && Array.isArray(before) && Array.isArray(value)) return [...before, ...value];
  if (!isObject(before) || !isObject(value)) return value;
  const isStruct = field.fieldKind === 'message' && field.message.typeName === 'google.protobuf.Struct';
  return field.fieldKind === 'map' || isStruct ? { ...before, ...value } : value;
}

function isTakenWhole({ typeName }: DescMessage): boolean {
  return typeName === 'google.protobuf.Any' || typeName === 'google.protobuf.Struct';
}
