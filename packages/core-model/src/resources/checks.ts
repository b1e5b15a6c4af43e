/** Checks that several kinds share. Each gives the problems of one place, none when all is well. */
import { parseDuration } from './duration.ts';
import type { Problem } from './resource.ts';

/** At least one of the named members must be present. */
export function atLeastOne(field: string, value: object | undefined, members: readonly string[]): Problem[] {
  const present = value !== undefined && members.some((member) => (value as Record<string, unknown>)[member] !== undefined);
  return present ? [] : [{ field, reason: `at least one of ${members.join(', ')} must be set` }];
}

/** A duration of 0 has no meaning here. */
export function moreThanZero(field: string, duration: string | undefined): Problem[] {
  if (duration === undefined || parseDuration(duration) !== 0) return [];
  return [{ field, reason: `must be longer than 0; got ${JSON.stringify(duration)}` }];
}

/** Proxies keep this header to themselves, and refuse all that would change it. */
export function notHost(field: string, header: string | undefined, instead = ''): Problem[] {
  return header?.toLowerCase() === 'host' ? [{ field, reason: `must not be host${instead}` }] : [];
}

/** A percentage, as a number or text. */
export function percentage(field: string, value: number | string | undefined): Problem[] {
  if (value === undefined || (Number(value) >= 0 && Number(value) <= 100)) return [];
  return [{ field, reason: `must be a percentage from 0 to 100; got ${JSON.stringify(value)}` }];
}

/** A file, where it cannot depend on where a process happens to run. */
export function absolutePath(field: string, path: string | undefined): Problem[] {
  if (path === undefined || /^(\/[^/\0]+)+$/.test(path)) return [];
  return [{ field, reason: `must be an absolute path of a file; got ${JSON.stringify(path)}` }];
}

/** The second and later of equal items, as problems at them. */
export function unique<Item>(
  items: readonly Item[],
  key: (item: Item) => string | undefined,
  at: (index: number) => string,
): Problem[] {
  const first = new Map<string, number>();
  return items.flatMap((item, index) => {
    const k = key(item);
    if (k === undefined) return [];
    const earlier = first.get(k);
    if (earlier === undefined) first.set(k, index);
    return earlier === undefined ? [] : [{ field: at(index), reason: `${k} is already taken by ${at(earlier)}` }];
  });
}
