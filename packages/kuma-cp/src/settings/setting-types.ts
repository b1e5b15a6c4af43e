import { formatDuration, parseDuration } from '@kuma-mesh/core-model/resources/duration.ts';
import type { SettingType } from './setting.ts';

export const text: SettingType<string> = {
  name: 'string',
  expected: 'a string',
  read: (raw) => (typeof raw === 'string' ? raw : typeof raw === 'number' ? String(raw) : undefined),
  show: (value) => value,
};

export const secret: SettingType<string> = { ...text, name: 'secret', secret: true };

export const bool: SettingType<boolean> = {
  name: 'boolean',
  expected: 'true or false',
  read: (raw) => {
    if (typeof raw === 'boolean') return raw;
    if (raw === 'true' || raw === '1') return true;
    return raw === 'false' || raw === '0' ? false : undefined;
  },
  show: (value) => value,
};

export const int: SettingType<number> = wholeNumber('int', 'a whole number', {
  min: Number.MIN_SAFE_INTEGER,
  max: Number.MAX_SAFE_INTEGER,
});
export const count: SettingType<number> = wholeNumber('count', 'a whole number from 0', { min: 0, max: Number.MAX_SAFE_INTEGER });
export const percentage: SettingType<number> = wholeNumber('percentage', 'a whole number from 0 to 100', { min: 0, max: 100 });
export const port: SettingType<number> = wholeNumber('port', 'a port, a whole number from 0 to 65535', { min: 0, max: 65535 });

/** Milliseconds in the program. */
export const duration: SettingType<number> = {
  name: 'duration',
  expected: 'a duration such as 500ms, 10s or 1h30m',
  read: (raw) => (typeof raw === 'string' ? parseDuration(raw) : raw === 0 ? 0 : undefined),
  show: formatDuration,
};

export const list: SettingType<readonly string[]> = {
  name: 'list of strings',
  expected: 'a list of strings (comma-separated in an environment variable)',
  read: (raw) => {
    if (typeof raw === 'string') return raw === '' ? [] : raw.split(',').map((item) => item.trim());
    return Array.isArray(raw) && raw.every((item) => typeof item === 'string' || typeof item === 'number')
      ? raw.map(String)
      : undefined;
  },
  show: (value) => value,
};

/** YAML below a key that we read nothing of. */
export const open: SettingType<unknown> = {
  name: 'object',
  expected: 'an object',
  open: true,
  read: (raw) => raw,
  show: (value) => value,
};

/** One of `values`; those `later` are known from elsewhere and not built yet. */
export function choice<const Value extends string>(values: readonly Value[], later: readonly string[] = []): SettingType<Value> {
  const now = values.map((value) => JSON.stringify(value)).join(', ');
  const notYet = later.map((value) => JSON.stringify(value)).join(', ');
  return {
    name: values.map((value) => `\`${value === '' ? '""' : value}\``).join(', '),
    expected: `${values.length > 1 ? 'one of ' : ''}${now}${notYet && ` (${notYet} not built yet)`}`,
    read: (raw) => values.find((value) => value === raw),
    show: (value) => value,
  };
}

function wholeNumber(name: string, expected: string, range: { readonly min: number; readonly max: number }): SettingType<number> {
  return {
    name,
    expected,
    read: (raw) => {
      const number = typeof raw === 'string' && /^-?\d+$/.test(raw) ? Number(raw) : raw;
      return typeof number === 'number' && Number.isSafeInteger(number) && number >= range.min && number <= range.max
        ? number
        : undefined;
    },
    show: (value) => value,
  };
}
