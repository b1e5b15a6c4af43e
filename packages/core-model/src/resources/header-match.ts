import type { HeaderMatch } from '../generated/types/kuma/header_match.ts';
import { regularExpression } from './regular-expression.ts';
import { mustBeAbsent, type Problem } from './resource.ts';

/** What is wrong with a condition on a header. */
export function headerMatchProblems(at: string, match: HeaderMatch): Problem[] {
  const type = match.type ?? 'Exact';
  const needsValue = type !== 'Present' && type !== 'Absent';
  const field = `${at}.value`;
  if (needsValue && match.value === undefined)
    return [{ field, reason: `must be set when type is ${type}`, given: [`${at}.type`] }];
  if (!needsValue && match.value) return [mustBeAbsent(field, ` when type is ${type}`)];
  if (type !== 'RegularExpression') return [];
  return match.value === '' ? [{ field, reason: 'must not be empty' }] : regularExpression(field, match.value);
}
