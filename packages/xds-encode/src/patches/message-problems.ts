import type { DescEnum, DescField, DescMessage } from '@bufbuild/protobuf';
import { fieldPath } from '@kuma-mesh/core-model/resources/field-path.ts';
import { nearest } from '@kuma-mesh/core-model/resources/nearest.ts';
import { jsonType } from '@kuma-mesh/core-model/resources/schema-problems.ts';
import { envoySchema, messageFromJson, messageToJson, schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { isObject, type Json } from './json.ts';
import { fieldNamed } from './spelling.ts';

/** Where in a message something is wrong, and what. */
export interface MessageProblem {
  readonly at: readonly (string | number)[];
  readonly reason: string;
}

type Place = MessageProblem['at'];

/** So many names are told where none is near. */
const shownNames = 12;

/** Messages whose JSON is something else than their fields. */
const ownJson = /^google\.protobuf\.(Duration|Timestamp|FieldMask|Struct|Value|ListValue|\w+Value)$/;

/** Everything that keeps JSON from being this message, not only the first as when it is read. */
export function messageProblems(schema: DescMessage, json: Json, at: Place = []): MessageProblem[] {
  if (schema.typeName === 'google.protobuf.Any') return anyProblems(json, at);
  if (ownJson.test(schema.typeName)) return unreadable(() => readAndWritten(schema, json), at);
  if (!isObject(json)) return [{ at, reason: `must be an object (${schema.typeName}), not ${jsonType(json)}` }];
  return membersProblems(schema, Object.entries(json), at);
}

function membersProblems(schema: DescMessage, members: readonly (readonly [string, Json])[], at: Place): MessageProblem[] {
  const taken = new Map<unknown, string>();
  return members.flatMap(([key, value]) => {
    const place = [...at, key];
    const field = fieldNamed(schema, key);
    if (field === undefined) return [{ at: place, reason: unknownField(schema, key) }];
    if (value === null) return [];
    const choice = field.oneof ?? field;
    const other = taken.get(choice);
    taken.set(choice, key);
    if (other !== undefined) return [{ at: place, reason: `must be absent where ${other} is set` }];
    return fieldProblems(field, key, value, place);
  });
}

export function unknownField({ fields, typeName }: DescMessage, key: string): string {
  const names = fields.map(({ jsonName }) => jsonName);
  const guess = nearest(key, names);
  if (guess) return `unknown field; did you mean ${guess}?`;
  if (names.length === 0) return `unknown field; ${typeName} has none`;
  return `unknown field; ${typeName} has ${names.slice(0, shownNames).join(', ')}${names.length > shownNames ? ' and more' : ''}`;
}

function fieldProblems(field: DescField, key: string, value: Json, at: Place): MessageProblem[] {
  switch (field.fieldKind) {
    case 'list':
      if (!Array.isArray(value)) return [{ at, reason: `must be a list, not ${jsonType(value)}` }];
      return value.flatMap((item: Json, index) => {
        const place = [...at, index];
        if (field.listKind === 'message') return messageProblems(field.message, item, place);
        if (field.listKind === 'enum') return enumProblems(field.enum, item, place);
        return unreadable(() => messageFromJson(field.parent, { [key]: [item] } as never), place);
      });
    case 'map':
      if (!isObject(value)) return [{ at, reason: `must be an object, not ${jsonType(value)}` }];
      return Object.entries(value).flatMap(([name, item]) => {
        const place = [...at, name];
        if (field.mapKind === 'message') return messageProblems(field.message, item, place);
        return unreadable(() => messageFromJson(field.parent, { [key]: { [name]: item } } as never), place);
      });
    case 'message':
      return messageProblems(field.message, value, at);
    case 'enum':
      return enumProblems(field.enum, value, at);
    case 'scalar':
      return unreadable(() => messageFromJson(field.parent, { [key]: value } as never), at);
  }
}

function enumProblems({ values }: DescEnum, value: Json, at: Place): MessageProblem[] {
  if (values.some(({ name, number }) => name === value || number === value)) return [];
  const names = values.map(({ name }) => name);
  return [{ at, reason: `must be one of ${names.join(', ')}; got ${JSON.stringify(value)}` }];
}

function anyProblems(json: Json, at: Place): MessageProblem[] {
  if (!isObject(json)) return [{ at, reason: `must be an object with @type, not ${jsonType(json)}` }];
  const { '@type': typeUrl, ...message } = json;
  if (typeof typeUrl !== 'string' || !typeUrl.includes('/'))
    return [{ at: [...at, '@type'], reason: 'must be set to the type, such as type.googleapis.com/envoy.extensions...' }];
  const schema = schemaOf(typeUrl);
  if (schema === undefined) return [{ at: [...at, '@type'], reason: unknownType(typeUrl) }];
  return ownJson.test(schema.typeName)
    ? unreadable(() => readAndWritten(schema, message.value), [...at, 'value'])
    : membersProblems(schema, Object.entries(message), at);
}

function unknownType(typeUrl: string): string {
  const guess = nearest(typeUrl.slice(typeUrl.lastIndexOf('/') + 1), typeNames());
  const hint = guess
    ? `did you mean ${guess}?`
    : 'a type that is newer than this control plane goes into an xds.type.v3.TypedStruct';
  return `unknown type ${typeUrl}; ${hint}`;
}

function* typeNames(): Iterable<string> {
  for (const type of envoySchema()) if (type.kind === 'message') yield type.typeName;
}

/** YAML has numbers that are read and have no place in JSON. */
function readAndWritten(schema: DescMessage, json: Json | undefined): unknown {
  return messageToJson(schema, messageFromJson(schema, json as never));
}

function unreadable(read: () => unknown, at: Place): MessageProblem[] {
  try {
    read();
    return [];
  } catch (error) {
    // What it was reading stands in `at`.
    return [{ at, reason: (error as Error).message.replace(/^cannot decode .*? from JSON:? /, 'cannot be read: ') }];
  }
}

/** As people write it: `loadAssignment.endpoints[0].locality: reason`. */
export function problemText({ at, reason }: MessageProblem): string {
  return at.length === 0 ? reason : `${fieldPath(...at)}: ${reason}`;
}
