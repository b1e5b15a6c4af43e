import type { Flag, FlagTable } from './flag.ts';

/** Help of a command: flags first, then what only the environment can set. */
export function helpText(command: string, summary: string, table: FlagTable): string {
  const flags = Object.values(table);
  const rows = flags.filter((flag) => flag.name).map((flag) => [flagColumn(flag), docColumn(flag)] as const);
  const variables = flags.filter((flag) => !flag.name).map((flag) => [flag.env[0]!, docColumn(flag)] as const);
  return [
    summary,
    '',
    `Usage: kuma-dp ${command} [flags]`,
    '',
    'Flags (each wins over its variable):',
    ...columns([...rows, ['-h, --help', 'Show this help']]),
    ...(variables.length > 0 ? ['', 'Environment only:', ...columns(variables)] : []),
    '',
  ].join('\n');
}

function flagColumn(flag: Flag): string {
  const short = flag.short ? `-${flag.short}, ` : '    ';
  const value = flag.kind === 'boolean' ? '' : ` ${flag.placeholder ?? flag.kind.toUpperCase()}`;
  return `${short}--${flag.name}${value}`;
}

function docColumn(flag: Flag): string {
  const notes = [
    flag.oneOf && `one of ${flag.oneOf.join(', ')}`,
    flag.default !== undefined && `default ${flag.default}`,
    flag.name && flag.env[0],
    flag.inert && 'not built yet',
  ].filter(Boolean);
  return notes.length > 0 ? `${flag.doc} (${notes.join('; ')})` : flag.doc;
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
