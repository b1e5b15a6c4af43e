/** How the value of a setting is written and read. */
export interface SettingType<Value> {
  /** As the reference page names it. */
  readonly name: string;
  /** What a person may write, to follow "expected". */
  readonly expected: string;
  /** Its value is shown nowhere. */
  readonly secret?: true;
  /** Whether keys of the user's own stand below it. */
  readonly open?: true;
  /** Reads what YAML holds, or the text of an environment variable; undefined when it is not one of these. */
  readonly read: (raw: unknown) => Value | undefined;
  /** The value as YAML and `GET /config` hold it. */
  // A method, so that a table of settings of many types is a list of settings.
  show(value: Value): unknown;
}

export interface Setting<Key extends string = string, Value = unknown> {
  /** Path in the configuration file. */
  readonly key: Key;
  readonly type: SettingType<Value>;
  readonly default: Value;
  /** Environment variables that set it, the documented one first; they win over the file. */
  readonly env: readonly string[];
  readonly doc?: string;
  /** Known from existing configuration files, without effect so far. */
  readonly built: boolean;
}

interface Row<Key extends string, Value> {
  readonly key: Key;
  readonly type: SettingType<Value>;
  readonly default: NoInfer<Value>;
  readonly env?: string | readonly string[];
}

/** A setting that has an effect. */
export function built<const Key extends string, Value>(row: Row<Key, Value> & { readonly doc: string }): Setting<Key, Value> {
  return Object.freeze({ ...row, env: variables(row.env), built: true });
}

/** A setting of existing configuration files whose effect is not built yet; a value other than the default gives a warning. */
export function known<const Key extends string, Value>(row: Row<Key, Value>): Setting<Key, Value> {
  return Object.freeze({ ...row, env: variables(row.env), built: false });
}

function variables(env: string | readonly string[] | undefined): readonly string[] {
  return env === undefined ? [] : typeof env === 'string' ? [env] : env;
}
