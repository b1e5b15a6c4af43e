/**
 * Writes `docs/cli.md` from the commands themselves: kumactl's manifest, and the flag tables of kuma-dp.
 *
 *   node tools/codegen/cli.ts           writes
 *   node tools/codegen/cli.ts --check   writes nothing; exit 1 when the page differs
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FlagTable } from '../../packages/kuma-dp/src/cli/flag.ts';
import { runFlags } from '../../packages/kuma-dp/src/cli/run-flags.ts';

interface ManifestFlag {
  readonly name: string;
  readonly char?: string;
  readonly type: 'boolean' | 'option';
  readonly description?: string;
  readonly default?: unknown;
  readonly options?: readonly string[];
  readonly required?: boolean;
  readonly multiple?: boolean;
  readonly helpGroup?: string;
}

interface ManifestCommand {
  readonly id: string;
  readonly summary?: string;
  readonly description?: string;
  readonly examples?: readonly string[];
  readonly args: Readonly<Record<string, { readonly name: string; readonly description?: string; readonly required?: boolean }>>;
  readonly flags: Readonly<Record<string, ManifestFlag>>;
}

const root = join(import.meta.dirname, '../..');
const page = join(root, 'docs/cli.md');

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(headers), `|${headers.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

function flagRow(flag: ManifestFlag): readonly string[] {
  const short = flag.char ? `\`-${flag.char}\`, ` : '';
  const value = flag.type === 'boolean' ? '' : ` ${flag.options ? flag.options.join('|') : flag.name.toUpperCase()}`;
  const notes = [
    flag.required ? 'required' : '',
    flag.multiple ? 'repeatable' : '',
    flag.default === undefined || flag.default === false ? '' : `default \`${String(flag.default)}\``,
  ].filter(Boolean);
  return [`${short}\`--${flag.name}${value}\``, [flag.description ?? '', ...notes].join('; ')];
}

function kumactlSection(command: ManifestCommand): string {
  const words = command.id.replaceAll(':', ' ');
  const args = Object.values(command.args).map((arg) => (arg.required ? arg.name.toUpperCase() : `[${arg.name.toUpperCase()}]`));
  const flags = Object.values(command.flags).filter((flag) => flag.helpGroup !== 'GLOBAL');
  const examples = (command.examples ?? []).map((example) => example.replaceAll('<%= config.bin %>', 'kumactl'));
  return [
    `### kumactl ${[words, ...args].join(' ')}`,
    `${command.summary ?? ''}.${command.description ? ` ${command.description}` : ''}`,
    ...(flags.length > 0 ? [table(['Flag', 'Meaning'], flags.map(flagRow))] : []),
    ...(examples.length > 0 ? [['```sh', ...examples, '```'].join('\n')] : []),
  ].join('\n\n');
}

function kumaDpTable(flags: FlagTable): string {
  const rows = Object.values(flags).map((flag) => [
    flag.name ? `\`--${flag.name}\`${flag.short ? `, \`-${flag.short}\`` : ''}` : '',
    flag.env.map((name) => `\`${name}\``).join(' '),
    flag.default === undefined ? '' : `\`${flag.default}\``,
    `${flag.doc}${flag.inert ? ' (not built yet)' : ''}`,
  ]);
  return table(['Flag', 'Environment', 'Default', 'Meaning'], rows);
}

const manifest = JSON.parse(readFileSync(join(root, 'packages/kumactl/oclif.manifest.json'), 'utf8')) as {
  readonly commands: Readonly<Record<string, ManifestCommand>>;
};
const commands = Object.values(manifest.commands).toSorted((left, right) => (left.id < right.id ? -1 : 1));
const globals = Object.values(commands[0]!.flags).filter((flag) => flag.helpGroup === 'GLOBAL');

const text = `<!-- Made from the commands by tools/codegen/cli.ts. -->

# Command line

All executables end with 0 on success and another status on any error, print results to stdout and errors, as
\`Error: …\`, to stderr. \`kuma-dp run\` logs to stderr in lines of JSON; what ends it after its flags were read is such a
line, of level \`fatal\`. Each has \`--help\`.

## kuma-cp

| Command | Does |
|---|---|
| \`kuma-cp run [-c FILE] [--log-level LEVEL]\` | runs the control plane; [settings](reference/settings.md) come from the file and from the environment, which wins |
| \`kuma-cp migrate up [-c FILE]\` | brings the store's schema up to date without starting |
| \`kuma-cp version [--detailed]\` | shows the version |

## kuma-dp

\`kuma-dp run\` fetches the bootstrap of its proxy, runs Envoy with it, and drains it on SIGTERM. Flags win over the
environment.

${kumaDpTable(runFlags)}

\`kuma-dp wait\` waits until a sidecar is ready; \`kuma-dp version\` shows its version; \`kuma-dp completion bash|zsh|fish\`
prints a completion script.

## envoy

The real Envoy binary of this platform, with its own flags. The first call fetches it into the user's cache.

## kumactl

Flags that every command takes:

${table(['Flag', 'Meaning'], globals.map(flagRow))}

${commands.map(kumactlSection).join('\n\n')}
`;

if (process.argv.includes('--check')) {
  const same = existsSync(page) && readFileSync(page, 'utf8') === text;
  if (!same) console.error('docs/cli.md differs from the commands; run: node tools/codegen/cli.ts');
  process.exitCode = same ? 0 : 1;
} else {
  writeFileSync(page, text);
}
