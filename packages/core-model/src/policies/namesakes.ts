import { fieldPath, type Path } from '../resources/field-path.ts';
import type { Useless } from './policy.ts';

/** Of entries with the same name only one counts. */
export function namesakes<Name extends string>(
  entries: readonly { readonly [name in Name]?: string }[],
  name: Name,
  at: Path,
  counts: 'first' | 'last',
): readonly Useless[] {
  return entries.flatMap((entry, i) => {
    const same = (other: typeof entry) => other[name] === entry[name];
    const winner = counts === 'first' ? entries.findIndex(same) : entries.findLastIndex(same);
    if (winner === i) return [];
    return [{ path: [...at, i], why: `has no effect: ${fieldPath(at.at(-1)!, winner)} has the same ${name}` }];
  });
}
