import { parseArgs } from 'node:util';
import { nearest } from '@kuma-mesh/core-model/resources/nearest.ts';
import { type Flag, type FlagTable, spelling } from './flag.ts';
import { type FlagValue, readValue } from './flag-value.ts';

type ValueOf<F extends Flag> = F['kind'] extends 'boolean'
  ? boolean
  : F['kind'] extends 'number' | 'port' | 'duration'
    ? number
    : F['kind'] extends 'pairs'
      ? Readonly<Record<string, string>>
      : string;

/** A value for every flag of a table; those without a default may be undefined. */
export type FlagValues<T extends FlagTable> = {
  readonly [K in keyof T]: T[K] extends { readonly default: string } ? ValueOf<T[K]> : ValueOf<T[K]> | undefined;
};

export interface ParsedFlags<T extends FlagTable> {
  readonly values: FlagValues<T>;
  /** Names in the table of what the user set, by flag or environment. */
  readonly given: ReadonlySet<keyof T>;
  /** A sentence each; values are usable only when there is none. */
  readonly problems: readonly string[];
  readonly help: boolean;
}

/** Reads flags and environment after a table: a flag wins over its variables, and those over the default. */
export function parseFlags<T extends FlagTable>(table: T, args: readonly string[], env: NodeJS.ProcessEnv): ParsedFlags<T> {
  const problems: string[] = [];
  const values: Record<string, FlagValue | undefined> = {};
  const given = new Set<keyof T>();
  const take = (key: string, flag: Flag, text: string, source: string): void => {
    const read = readValue(flag, text);
    if (!read.ok) problems.push(`${source} must be ${read.expected}, not ${JSON.stringify(text)}`);
    else if (flag.kind === 'pairs' && given.has(key)) values[key] = { ...(values[key] as object), ...(read.value as object) };
    else values[key] = read.value;
    given.add(key);
  };
  const help = readArguments(table, args, { take, problems });
  for (const [key, flag] of Object.entries(table)) {
    if (given.has(key)) continue;
    const variable = flag.env.find((name) => env[name]);
    if (variable) take(key, flag, env[variable]!, variable);
    else if (flag.default !== undefined) values[key] = readDefault(flag);
  }
  return { values: values as FlagValues<T>, given, problems, help };
}

interface Sink {
  readonly take: (key: string, flag: Flag, text: string, source: string) => void;
  readonly problems: string[];
}

/** @returns whether help was asked for */
function readArguments(table: FlagTable, args: readonly string[], { take, problems }: Sink): boolean {
  const byName = new Map(
    Object.entries(table).flatMap(([key, flag]) => (flag.name ? [[flag.name, { key, flag }] as const] : [])),
  );
  const options = Object.fromEntries(
    [...byName].map(([name, { flag }]) => [
      name,
      {
        type: flag.kind === 'boolean' ? ('boolean' as const) : ('string' as const),
        ...(flag.short ? { short: flag.short } : {}),
      },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  let help = false;
  for (const token of tokens) {
    if (token.kind === 'positional') problems.push(`unexpected argument ${JSON.stringify(token.value)}`);
    if (token.kind !== 'option') continue;
    const known = byName.get(token.name);
    if (token.name === 'help') help = true;
    else if (!known) problems.push(unknownFlag(token.rawName, byName.keys()));
    else if (token.value === undefined && known.flag.kind !== 'boolean') problems.push(`${token.rawName} needs a value`);
    else take(known.key, known.flag, token.value ?? 'true', token.rawName);
  }
  return help;
}

function unknownFlag(rawName: string, names: Iterable<string>): string {
  const guess = nearest(rawName.replace(/^-+/, ''), names);
  return `unknown flag ${rawName}${guess ? `; did you mean --${guess}?` : ''}`;
}

function readDefault(flag: Flag): FlagValue {
  const read = readValue(flag, flag.default!);
  if (!read.ok) throw new Error(`the default of ${spelling(flag)} must be ${read.expected}`);
  return read.value;
}
