import { durationFields } from '../generated/durations.ts';
import { longestDuration, parseDuration } from './duration.ts';
import { fieldPath } from './field-path.ts';
import type { Problem } from './resource.ts';

type Place = readonly (string | number)[];

/**
 * Durations that are longer than proxies can count: they would refuse all that such a value stands in.
 * @param root where the kind's own fields stand in a resource
 */
export function longDurationProblems(type: string, spec: unknown, root: Place): readonly Problem[] {
  return (durationFields[type] ?? []).flatMap((path) => problemsAt(spec, path, root));
}

function problemsAt(value: unknown, [head, ...rest]: readonly string[], at: Place): readonly Problem[] {
  if (head === undefined) return typeof value === 'string' ? problemOf(value, at) : [];
  if (head === '*') return Array.isArray(value) ? value.flatMap((item, index) => problemsAt(item, rest, [...at, index])) : [];
  if (typeof value !== 'object' || value === null) return [];
  return problemsAt((value as Record<string, unknown>)[head], rest, [...at, head]);
}

function problemOf(text: string, at: Place): readonly Problem[] {
  const time = parseDuration(text);
  if (time === undefined || time <= longestDuration) return [];
  return [{ field: fieldPath(...at), reason: `must be at most ${longestDuration / 3_600_000}h; got ${JSON.stringify(text)}` }];
}
