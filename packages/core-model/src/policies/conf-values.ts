import { parseDuration } from '../resources/duration.ts';
import type { IntOrString } from '../resources/scalars.ts';

/** Readers of values that people write as text. What does not parse is as if it were absent; validation has refused it before. */

/** Milliseconds. */
export function milliseconds(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}

export function decimal(value: IntOrString | undefined): number | undefined {
  const number = value === undefined ? Number.NaN : Number(value);
  return Number.isNaN(number) ? undefined : number;
}

/** The fields that have a value: an absent one must not hide what stood before. */
export function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
