/** One step of a JSON Patch (RFC 6902). */
export type PatchStep =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** The steps that turn `from` into `to`. Lists that differ are replaced whole. */
export function jsonPatch(from: unknown, to: unknown, path = ''): readonly PatchStep[] {
  if (!isObject(from) || !isObject(to)) return sameJson(from, to) ? [] : [{ op: 'replace', path, value: to }];
  const removed = Object.keys(from).filter((key) => !(key in to));
  return [
    ...removed.map((key): PatchStep => ({ op: 'remove', path: below(path, key) })),
    ...Object.entries(to).flatMap(([key, value]): readonly PatchStep[] =>
      key in from ? jsonPatch(from[key], value, below(path, key)) : [{ op: 'add', path: below(path, key), value }],
    ),
  ];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sameJson(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function below(path: string, key: string): string {
  return `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
