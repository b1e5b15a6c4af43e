import type { DescMessage } from '@bufbuild/protobuf';
import type { MeshProxyPatch_JsonPatch } from '@kuma-mesh/core-model/generated/types/kuma/mesh_proxy_patch.ts';
import { schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { fieldNamed } from './merge.ts';

/**
 * A message after a JSON Patch (RFC 6902), with the allowances that protobuf's JSON calls for, where a field that has its
 * default is absent: parents of what is added are made, replacing what is absent adds it, removing it does nothing.
 * Fields may be spelled in either way, and negative indexes count from the end of a list.
 * @throws Error where a path leads through what has no members, or far too much is copied
 */
export function applySteps(schema: DescMessage, message: JsonObject, steps: readonly MeshProxyPatch_JsonPatch[]): JsonObject {
  let copied = 0;
  const copy = (json: Json): Json => {
    copied += sizeOf(json);
    if (copied > mostCopied) throw new Error('with this copy there are more than 100,000 members and letters that were copied');
    return json;
  };
  return steps.reduce<Json>((json, step, index) => {
    try {
      return applyStep(schema, json, step, copy);
    } catch (error) {
      throw new Error(`jsonPatches[${index}]: ${(error as Error).message}`);
    }
  }, message) as JsonObject;
}

/** Of what holds copies of itself, each copy is twice the one before: some twenty of them are more than there is memory for. */
const mostCopied = 100_000;

function sizeOf(json: Json): number {
  if (typeof json === 'string') return json.length;
  if (typeof json !== 'object' || json === null) return 1;
  const names = Array.isArray(json) ? 0 : Object.keys(json).join('').length;
  return Object.values<Json>(json).reduce<number>((size, member) => size + sizeOf(member), 1 + names);
}

function applyStep(
  schema: DescMessage,
  json: Json,
  { op, path = '', from = '', value = null }: MeshProxyPatch_JsonPatch,
  copy: (json: Json) => Json,
): Json {
  const at = inOneSpelling(schema, json, segmentsOf(path));
  const source = inOneSpelling(schema, json, segmentsOf(from));
  switch (op) {
    case undefined:
      return json;
    case 'add':
      return put(json, at, value as Json, 'insert');
    case 'replace':
      return put(json, at, value as Json, 'replace');
    case 'remove':
      return remove(json, at);
    case 'copy':
      return put(json, at, copy(read(json, source)), 'insert');
    case 'move':
      return put(remove(json, source), at, read(json, source), 'insert');
  }
}

/** The names of fields on the way as messages in JSON have them, also inside of packed ones. */
function inOneSpelling(schema: DescMessage | undefined, at: Json | undefined, segments: readonly string[]): readonly string[] {
  const [segment, ...rest] = segments;
  const packed = schema?.typeName === 'google.protobuf.Any' && isObject(at) && typeof at['@type'] === 'string';
  const known = packed ? schemaOf(String(at['@type'])) : schema;
  const field = segment === undefined ? undefined : known && fieldNamed(known, segment);
  if (field === undefined) return segments;
  const below = member(at, field.jsonName);
  if (field.fieldKind !== 'list' && field.fieldKind !== 'map')
    return [field.jsonName, ...inOneSpelling(field.message, below, rest)];
  const item = rest.slice(0, 1);
  const found = item.length === 0 || item[0] === '-' ? undefined : member(below, item[0]!);
  return [field.jsonName, ...item, ...inOneSpelling(field.message, found, rest.slice(1))];
}

/** More than lead to anything that Envoy reads; each is a call within the one before, which holds those to come. */
const mostSegments = 500;

/**
 * Segments of a JSON pointer (RFC 6901).
 * @throws Error where there are far too many
 */
export function segmentsOf(pointer: string): readonly string[] {
  const segments = pointer.split('/').slice(1);
  if (segments.length > mostSegments) throw new Error(`must not lead through more than ${mostSegments} places`);
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(from: Json, segments: readonly string[]): Json {
  let at: Json | undefined = from;
  for (const segment of segments) at = member(at, segment);
  if (at === undefined) throw new Error(`there is nothing at /${segments.join('/')}`);
  return at;
}

function member(of: Json | undefined, segment: string): Json | undefined {
  if (Array.isArray(of)) return (of as readonly Json[])[indexOf(segment, of.length)];
  return isObject(of) && Object.hasOwn(of, segment) ? of[segment] : undefined;
}

function put(into: Json | undefined, [segment, ...rest]: readonly string[], value: Json, how: 'insert' | 'replace'): Json {
  if (segment === undefined) return value;
  const container = into ?? (isIndex(segment) ? [] : {});
  if (Array.isArray(container)) {
    const list = container as readonly Json[];
    const index = segment === '-' ? list.length : indexOf(segment, list.length);
    if (!(index >= 0 && index <= list.length)) throw new Error(`a list of ${list.length} has no place ${segment}`);
    const item = put(rest.length > 0 ? list[index] : undefined, rest, value, how);
    return list.toSpliced(index, rest.length === 0 && how === 'insert' ? 0 : 1, item);
  }
  if (!isObject(container)) throw new Error(`${segment} cannot be in ${JSON.stringify(container)}`);
  return { ...container, [segment]: put(member(container, segment), rest, value, how) };
}

function remove(from: Json | undefined, [segment, ...rest]: readonly string[]): Json {
  const below = member(from, segment!);
  if (from === undefined || below === undefined) return from ?? null;
  if (Array.isArray(from)) {
    const index = indexOf(segment!, from.length);
    return rest.length === 0 ? from.toSpliced(index, 1) : from.with(index, remove(below, rest));
  }
  const { [segment!]: _, ...others } = from as Record<string, Json>;
  return rest.length === 0 ? others : { ...others, [segment!]: remove(below, rest) };
}

function isIndex(segment: string): boolean {
  return segment === '-' || /^-?\d+$/.test(segment);
}

function indexOf(segment: string, length: number): number {
  if (!/^-?\d+$/.test(segment)) throw new Error(`${segment} is no place in a list`);
  const index = Number(segment);
  return index < 0 ? length + index : index;
}
