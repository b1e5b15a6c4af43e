import type { MeshProxyPatch_JsonPatch } from '@kuma-mesh/core-model/generated/types/kuma/mesh_proxy_patch.ts';
import { isObject, type Json } from './json.ts';

/**
 * The document after a JSON Patch (RFC 6902), with the allowances that protobuf's JSON calls for, where a field that has
 * its default is absent: parents of what is added are made, replacing what is absent adds it, removing it does nothing.
 * Negative indexes count from the end of a list.
 * @throws Error where the path leads through what has no members
 */
export function applySteps(document: Json, steps: readonly MeshProxyPatch_JsonPatch[]): Json {
  return steps.reduce((json, step, index) => {
    try {
      return applyStep(json, step);
    } catch (error) {
      throw new Error(`jsonPatches[${index}]: ${(error as Error).message}`);
    }
  }, document);
}

function applyStep(document: Json, { op, path = '', from = '', value = null }: MeshProxyPatch_JsonPatch): Json {
  switch (op) {
    case undefined:
      return document;
    case 'add':
      return put(document, segmentsOf(path), value as Json, 'insert');
    case 'replace':
      return put(document, segmentsOf(path), value as Json, 'replace');
    case 'remove':
      return remove(document, segmentsOf(path));
    case 'copy':
      return put(document, segmentsOf(path), read(document, from), 'insert');
    case 'move':
      return put(remove(document, segmentsOf(from)), segmentsOf(path), read(document, from), 'insert');
  }
}

/** Segments of a JSON pointer (RFC 6901). */
export function segmentsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: Json, pointer: string): Json {
  let at: Json | undefined = document;
  for (const segment of segmentsOf(pointer)) at = member(at, segment);
  if (at === undefined) throw new Error(`there is nothing at ${pointer}`);
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
