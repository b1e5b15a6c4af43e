import { isDeepStrictEqual } from 'node:util';

/** One step of a JSON patch (RFC 6902). */
export type JsonPatch =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** What makes `after` of `before`. Lists are replaced whole: their items have no identity. */
export function jsonDifference(before: unknown, after: unknown, path = ''): readonly JsonPatch[] {
  if (!isObject(before) || !isObject(after))
    return isDeepStrictEqual(before, after) ? [] : [{ op: 'replace', path, value: after }];
  const patches: JsonPatch[] = [];
  for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    const at = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!Object.hasOwn(after, key)) patches.push({ op: 'remove', path: at });
    else if (!Object.hasOwn(before, key)) patches.push({ op: 'add', path: at, value: after[key] });
    else patches.push(...jsonDifference(before[key], after[key], at));
  }
  return patches;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
