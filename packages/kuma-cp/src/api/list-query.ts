import type { Problem } from '@kuma-mesh/core-model/resources/resource.ts';
import { ApiError } from './api-error.ts';

/** Which part of a list is asked for, and which of its items. */
export interface ListQuery {
  readonly size: number;
  readonly offset: number;
  /** Items whose name contains this. */
  readonly name: string | undefined;
  /** Items that carry all of these labels. */
  readonly labels: readonly (readonly [key: string, value: string])[];
}

/** What a list of dataplanes can further be narrowed by. */
export interface DataplaneQuery {
  /** Undefined: any. */
  readonly gateway: 'true' | 'false' | 'builtin' | 'delegated' | undefined;
  /** Items that have all of these tags; the value is a part of the tag's value, `*` stands for any. */
  readonly tags: readonly (readonly [key: string, value: string])[];
}

export type RawQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

const defaultSize = 100;
const maxSize = 1000;

/** @throws ApiError with every parameter that is wrong */
export function parseListQuery(raw: RawQuery): ListQuery {
  const problems: Problem[] = [];
  const query = {
    size: parseSize(last(raw.size), problems),
    offset: parseOffset(last(raw.offset), problems),
    name: last(raw.name) || undefined,
    labels: parseLabelFilters(raw, problems),
  };
  refuse(problems);
  return query;
}

/** @throws ApiError with every parameter that is wrong */
export function parseDataplaneQuery(raw: RawQuery): DataplaneQuery {
  const problems: Problem[] = [];
  const query = { gateway: parseGateway(last(raw.gateway), problems), tags: parseTags(all(raw.tag), problems) };
  refuse(problems);
  return query;
}

function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const detail = problems.some(({ field }) => field === 'size') ? 'Invalid page size' : 'The query is not valid';
  throw new ApiError(400, 'Could not retrieve resources', detail, problems);
}

function parseSize(value: string | undefined, problems: Problem[]): number {
  if (value === undefined || value === '') return defaultSize;
  const size = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (size >= 1 && size <= maxSize) return size;
  problems.push({ field: 'size', reason: `must be a whole number from 1 to ${maxSize}, not "${value}"` });
  return defaultSize;
}

function parseOffset(value: string | undefined, problems: Problem[]): number {
  if (value === undefined || value === '') return 0;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  problems.push({ field: 'offset', reason: `must be a whole number from 0, not "${value}"` });
  return 0;
}

function parseLabelFilters(raw: RawQuery, problems: Problem[]): [string, string][] {
  const filters: [string, string][] = [];
  for (const parameter of Object.keys(raw)) {
    if (!parameter.startsWith('filter')) continue;
    const key = /^filter\[labels\.([^[\]]+)\]$/.exec(parameter)?.[1];
    if (key) for (const value of all(raw[parameter])) filters.push([key, value]);
    else problems.push({ field: parameter, reason: 'is no filter; those known have the form filter[labels.KEY]=VALUE' });
  }
  return filters;
}

function parseGateway(value: string | undefined, problems: Problem[]): DataplaneQuery['gateway'] {
  if (value === undefined || value === '') return undefined;
  if (value === 'true' || value === 'false' || value === 'builtin' || value === 'delegated') return value;
  problems.push({ field: 'gateway', reason: `must be true, false, builtin or delegated, not "${value}"` });
  return undefined;
}

function parseTags(values: readonly string[], problems: Problem[]): [string, string][] {
  return values.flatMap((tag): [string, string][] => {
    const colon = tag.indexOf(':');
    if (colon > 0) return [[tag.slice(0, colon), tag.slice(colon + 1)]];
    problems.push({ field: 'tag', reason: `must have the form KEY:VALUE, not "${tag}"` });
    return [];
  });
}

function all(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

function last(value: string | readonly string[] | undefined): string | undefined {
  return all(value).at(-1);
}
