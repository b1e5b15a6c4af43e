import { isObject, type JsonObject } from './json.ts';

export function isOrAny(wanted: string | undefined, actual: unknown): boolean {
  return wanted === undefined || wanted === actual;
}

/** Whether a listener has the tags; `*` is any value. */
export function hasListenerTags(listener: JsonObject, wanted: Readonly<Record<string, string>> = {}): boolean {
  const conditions = Object.entries(wanted);
  if (conditions.length === 0) return true;
  const metadata = isObject(listener.metadata) ? listener.metadata.filterMetadata : undefined;
  const tags = isObject(metadata) ? metadata['io.kuma.tags'] : undefined;
  return conditions.every(([tag, value]) => isObject(tags) && tag in tags && (value === '*' || tags[tag] === value));
}
