/** What the manifest says of commands, as far as it matters here. */
export interface Commands {
  readonly [id: string]: {
    readonly flags?: { readonly [name: string]: { readonly type: string; readonly char?: string | undefined } };
  };
}

/**
 * Puts flags that stand before a command, or between its words, behind it: `--context prod get -o yaml meshes`,
 * `inspect --mesh m dataplanes`. Kuma's kumactl takes them anywhere, oclif only behind.
 */
export function commandFirst(args: readonly string[], commands: Commands): string[] {
  const ids = Object.keys(commands);
  const takesValue = flagsWithValue(commands);
  const words: string[] = [];
  const flags: string[] = [];
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === '--') break;
    if (arg.startsWith('-')) {
      flags.push(arg);
      if (takesValue.has(arg) && at + 1 < args.length) flags.push(args[++at]!);
    } else if (beginsCommand([...words, arg], ids)) words.push(arg);
    else break;
  }
  return [...words, ...flags, ...args.slice(at)];
}

function beginsCommand(words: readonly string[], ids: readonly string[]): boolean {
  const id = words.join(':');
  return ids.some((each) => each === id || each.startsWith(`${id}:`));
}

function flagsWithValue(commands: Commands): ReadonlySet<string> {
  const flags = Object.values(commands).flatMap((command) => Object.entries(command.flags ?? {}));
  return new Set(
    flags
      .filter(([, { type }]) => type === 'option')
      .flatMap(([name, { char }]) => [`--${name}`, ...(char === undefined ? [] : [`-${char}`])]),
  );
}
