import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { isObject, type Json } from './json.ts';

/** JSON may name a field in either way. */
export function fieldNamed(schema: DescMessage, key: string): DescField | undefined {
  return schema.fields.find(({ jsonName, name }) => jsonName === key || name === key);
}

/** What the members of a message are fields of, which of a packed one it says itself; undefined where they are none. */
export function fieldsIn(schema: DescMessage | undefined, message: Json | undefined): DescMessage | undefined {
  const packed = schema?.typeName === 'google.protobuf.Any' && isObject(message);
  const known = packed ? schemaOf(String(message['@type'])) : schema;
  // Durations, wrappers, free JSON.
  return known?.typeName.startsWith('google.protobuf.') ? undefined : known;
}

/** A message, whole or in part, with every field named as JSON made of messages has it, also inside of packed ones. */
export function inOneSpelling(schema: DescMessage, message: Json): Json {
  const known = fieldsIn(schema, message);
  if (known === undefined || !isObject(message)) return message;
  return Object.fromEntries(
    Object.entries(message).map(([key, value]) => {
      const field = fieldNamed(known, key);
      return field === undefined ? [key, value] : [field.jsonName, valueInOneSpelling(field, value)];
    }),
  );
}

/** The same of all that a field holds. */
export function valueInOneSpelling({ fieldKind, message }: DescField, value: Json): Json {
  if (message === undefined) return value;
  if (fieldKind === 'list') return Array.isArray(value) ? value.map((item: Json) => inOneSpelling(message, item)) : value;
  if (fieldKind !== 'map') return inOneSpelling(message, value);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inOneSpelling(message, item)]));
}
