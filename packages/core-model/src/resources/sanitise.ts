import { fieldPath, isMapEntry } from './field-path.ts';
import type { LocatedProblem } from './schema-problems.ts';

/** Whether JSON has more levels of objects and lists than `limit`. */
export function isDeeperThan(limit: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return limit === 0 || Object.values(value).some((member) => isDeeperThan(limit - 1, member));
}

const plainMember = { configurable: true, enumerable: true, writable: true };

/** A copy in which members that are null are left out: YAML's `key:` without a value means that nothing is set. */
export function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutNulls);
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (member === null) continue;
    // Assigned, this one would become the prototype.
    if (key === '__proto__') Object.defineProperty(copy, key, { ...plainMember, value: withoutNulls(member) });
    else copy[key] = withoutNulls(member);
  }
  return copy;
}

/** A copy without the values that the problems are about, so that what remains has the types that its schema promises. */
export function without(value: unknown, problems: readonly LocatedProblem[]): unknown {
  if (problems.length === 0) return value;
  const copy = structuredClone(value);
  for (const { location } of problems) remove(copy, location);
  return copy;
}

/** Paths of objects that lack a member once `without` took out what the problems are about. */
export function incompleteWithout(problems: readonly LocatedProblem[]): ReadonlySet<string> {
  const losing = problems.filter(({ location, stray }) => !stray && !keepsPlace(location));
  return new Set(losing.map(({ location }) => fieldPath(...location.slice(0, -1))));
}

/**
 * An item of a list keeps its place, or the indexes of later items would shift, and an entry of a map its key: their number
 * stays what it was. Empty text stands in for any type: it has no fields, and the methods of a string.
 */
function keepsPlace(location: readonly (string | number)[]): boolean {
  return typeof location.at(-1) === 'number' || isMapEntry(location);
}

function remove(root: unknown, location: readonly (string | number)[]): void {
  let parent: unknown = root;
  for (const key of location.slice(0, -1)) {
    if (typeof parent !== 'object' || parent === null) return;
    parent = (parent as Record<string | number, unknown>)[key];
  }
  const last = location.at(-1);
  if (last === undefined || typeof parent !== 'object' || parent === null) return;
  if (keepsPlace(location)) (parent as Record<string | number, unknown>)[last] = '';
  else delete (parent as Record<string | number, unknown>)[last];
}
