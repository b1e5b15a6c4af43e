/** Where a value stands: keys and indexes. */
export type Path = readonly (string | number)[];

/** Fields whose keys users choose: shown as `tags["kuma.io/service"]` even where the key looks like a name. */
const maps: ReadonlySet<string> = new Set(['labels', 'matchLabels', 'tags']);
const identifier = /^[A-Za-z_$][\w$-]*$/;

/** Writes a path as errors show it, such as `networking.inbound[0].tags["kuma.io/service"]`. */
export function fieldPath(...segments: Path): string {
  let path = '';
  let previous = '';
  for (const segment of segments) {
    if (typeof segment === 'number') path += `[${segment}]`;
    else if (maps.has(previous) || !identifier.test(segment)) path += `[${JSON.stringify(segment)}]`;
    else path += path === '' ? segment : `.${segment}`;
    previous = String(segment);
  }
  return path;
}

/** undefined where nothing stands. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], value);
}

/** Whether a place, as keys and indexes from the root, is an entry of a map whose keys users choose. */
export function isMapEntry(location: Path): boolean {
  return typeof location.at(-1) === 'string' && maps.has(String(location.at(-2)));
}

/** Whether `field` is `ancestor` or lies below it. */
export function isWithin(field: string, ancestor: string): boolean {
  if (!field.startsWith(ancestor)) return false;
  return ancestor === '' || field.length === ancestor.length || /[.[]/.test(field[ancestor.length]!);
}
