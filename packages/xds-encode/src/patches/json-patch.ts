import type { DescMessage } from '@bufbuild/protobuf';
import type { MeshProxyPatch_JsonPatch } from '@kuma-mesh/core-model/generated/types/kuma/mesh_proxy_patch.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { fieldNamed, fieldsIn, inOneSpelling, valueInOneSpelling } from './spelling.ts';

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
  const { at, spelled } = placeIn(schema, json, segmentsOf(path));
  const { at: source } = placeIn(schema, json, segmentsOf(from));
  switch (op) {
    case undefined:
      return json;
    case 'add':
      return put(json, at, spelled(value as Json), 'insert');
    case 'replace':
      return put(json, at, spelled(value as Json), 'replace');
    case 'remove':
      return remove(json, at);
    case 'copy':
      return put(json, at, copy(read(json, source)), 'insert');
    case 'move':
      return put(remove(json, source), at, read(json, source), 'insert');
  }
}

interface Place {
  /** The names of fields on the way as messages in JSON have them, also inside of packed ones. */
  readonly at: readonly string[];
  /** A value for this place, with fields named in the same way. */
  readonly spelled: (value: Json) => Json;
}

function placeIn(schema: DescMessage | undefined, json: Json | undefined, segments: readonly string[]): Place {
  const [segment, ...rest] = segments;
  if (segment === undefined) return { at: [], spelled: (value) => (schema ? inOneSpelling(schema, value) : value) };
  const known = fieldsIn(schema, json);
  const field = known && fieldNamed(known, segment);
  if (field === undefined) return { at: segments, spelled: (value) => value };
  const below = member(json, field.jsonName);
  const [item, ...further] = rest;
  if (item === undefined) return { at: [field.jsonName], spelled: (value) => valueInOneSpelling(field, value) };
  if (field.fieldKind !== 'list' && field.fieldKind !== 'map')
    return within([field.jsonName], placeIn(field.message, below, rest));
  const found = item === '-' ? undefined : member(below, item);
  return within([field.jsonName, item], placeIn(field.message, found, further));
}

function within(way: readonly string[], { at, spelled }: Place): Place {
  return { at: [...way, ...at], spelled };
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
