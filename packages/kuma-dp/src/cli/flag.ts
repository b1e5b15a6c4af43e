/** A setting as people write it: a flag, environment variables, or both. The flag wins. */
export interface Flag {
  /** Without the dashes; undefined where only the environment can set it. */
  readonly name?: string;
  readonly short?: string;
  /** Variables in the order they are looked at; an empty one counts as absent. */
  readonly env: readonly string[];
  readonly kind: 'text' | 'boolean' | 'number' | 'port' | 'duration' | 'pairs';
  /** As a user would write it. */
  readonly default?: string;
  /** Shown in help after the flag's name. */
  readonly placeholder?: string;
  readonly doc: string;
  readonly oneOf?: readonly string[];
  /** Part of Kuma's surface that nothing here acts upon yet: accepted, with a warning when it is set. */
  readonly inert?: true;
}

/** Keeps the names of a table's flags in its type. */
export type FlagTable = Readonly<Record<string, Flag>>;

/** How messages refer to a flag: `--name` and its first variable. */
export function spelling(flag: Flag): string {
  return [flag.name && `--${flag.name}`, flag.env[0]].filter(Boolean).join(' / ');
}
