export type Shell = 'bash' | 'zsh' | 'fish';

interface Completable {
  readonly words: readonly string[];
  readonly flags: readonly string[];
  /** What may stand as the first argument. */
  readonly arguments: readonly string[];
}

/** A script that completes commands, kinds and flags of kumactl. */
export function completionScript(shell: Shell, commands: readonly Completable[]): string {
  const table = nextWords(commands);
  if (shell === 'fish') return fishScript(table);
  const cases = [...table].map(([path, words]) => `    '${path}') candidates='${words.join(' ')}' ;;`).join('\n');
  const bash = `_kumactl() {
  local path='' word candidates=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$candidates" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _kumactl kumactl
`;
  return shell === 'bash' ? bash : `#compdef kumactl\nautoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

/** What may follow each sequence of words. */
function nextWords(commands: readonly Completable[]): ReadonlyMap<string, readonly string[]> {
  const next = new Map<string, Set<string>>();
  const add = (path: string, word: string) => next.set(path, (next.get(path) ?? new Set()).add(word));
  for (const command of commands) {
    for (const [index, word] of command.words.entries()) add(command.words.slice(0, index).join(' '), word);
    const path = command.words.join(' ');
    for (const word of [...command.arguments, ...command.flags]) add(path, word);
  }
  return new Map(
    [...next].sort(([left], [right]) => left.localeCompare(right)).map(([path, words]) => [path, [...words].sort()]),
  );
}

function fishScript(table: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...table].map(([path, words]) => {
    const condition = `test (string join ' ' (string match -v -- '-*' (commandline -opc)[2..])) = '${path}'`;
    return `complete -c kumactl -f -n "${condition}" -a '${words.join(' ')}'`;
  });
  return `${lines.join('\n')}\n`;
}
