import { deprecatedFields } from '../generated/deprecations.ts';
import { fieldPath } from './field-path.ts';

/**
 * Warnings for the deprecated fields that a resource uses.
 * @param json the resource as the HTTP API shows it
 */
export function deprecationWarnings(type: string, json: unknown): string[] {
  return (deprecatedFields[type] ?? []).flatMap(({ path, advice }) =>
    uses(json, path, []).map((field) => `field '${field}' is deprecated: ${advice}`),
  );
}

function uses(value: unknown, path: readonly string[], at: readonly (string | number)[]): string[] {
  const [head, ...rest] = path;
  if (head === undefined) return value === undefined ? [] : [fieldPath(...at)];
  if (head === '*') {
    // A deprecated list is reported once, and not once an item.
    if (!Array.isArray(value)) return [];
    return rest.length === 0 ? [fieldPath(...at)] : value.flatMap((item, index) => uses(item, rest, [...at, index]));
  }
  if (typeof value !== 'object' || value === null) return [];
  return uses((value as Record<string, unknown>)[head], rest, [...at, head]);
}
