import type { FlagTable } from './flag.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A script for the shell that completes commands, flags, and values of those that have a fixed set. */
export function completionScript(shell: Shell, commands: Readonly<Record<string, FlagTable>>): string {
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return `#compdef kuma-dp\nautoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
    case 'fish':
      return fish(commands);
  }
}

function names(table: FlagTable): string[] {
  return Object.values(table).flatMap((flag) => (flag.name ? [`--${flag.name}`] : []));
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are the shell's own
function bash(commands: Readonly<Record<string, FlagTable>>): string {
  const values = Object.values(commands)
    .flatMap((table) => Object.values(table))
    .filter((flag) => flag.name && flag.oneOf)
    .map((flag) => `    --${flag.name}) COMPREPLY=($(compgen -W '${flag.oneOf!.join(' ')}' -- "$word")); return ;;`);
  const flags = Object.entries(commands).map(
    ([command, table]) => `    ${command}) words='${[...names(table), '--help'].join(' ')}' ;;`,
  );
  return [
    '_kuma_dp() {',
    '  local word="${COMP_WORDS[COMP_CWORD]}" words',
    '  case "${COMP_WORDS[COMP_CWORD-1]}" in',
    ...values,
    '    --*-file|-d|--binary-path|--work-dir) COMPREPLY=($(compgen -f -- "$word")); return ;;',
    '  esac',
    '  case "${COMP_WORDS[1]}" in',
    ...flags,
    `    *) words='${Object.keys(commands).join(' ')}' ;;`,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$word"))',
    '}',
    'complete -F _kuma_dp kuma-dp',
    '',
  ].join('\n');
}

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: end of the shell script

function fish(commands: Readonly<Record<string, FlagTable>>): string {
  const known = Object.keys(commands);
  const lines = [`complete -c kuma-dp -f -n 'not __fish_seen_subcommand_from ${known.join(' ')}' -a '${known.join(' ')}'`];
  for (const [command, table] of Object.entries(commands)) {
    for (const flag of Object.values(table)) {
      if (!flag.name) continue;
      const short = flag.short ? ` -s ${flag.short}` : '';
      const value = flag.kind === 'boolean' ? '' : flag.oneOf ? ` -x -a '${flag.oneOf.join(' ')}'` : ' -r';
      lines.push(
        `complete -c kuma-dp -n '__fish_seen_subcommand_from ${command}' -l ${flag.name}${short}${value} -d ${quote(flag.doc)}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}
