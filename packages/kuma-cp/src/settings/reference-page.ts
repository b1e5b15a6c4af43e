import { formatDuration } from '@kuma-mesh/core-model/resources/duration.ts';
import type { Setting } from './setting.ts';
import { duration } from './setting-types.ts';

/** The reference page of all settings, as Markdown. */
export function settingsPage(table: readonly Setting[]): string {
  const built = table.filter((setting) => setting.built);
  const later = table.filter((setting) => !setting.built);
  return `<!-- Generated from packages/kuma-cp/src/settings by tools/codegen/settings.ts; do not edit. -->
# Settings of kuma-cp

A setting has a key in the configuration file (\`kuma-cp run --config-file kuma-cp.yaml\`) and an environment variable, which
wins. An unknown key or a bad value stops the start; an unknown \`KUMA_\` variable gives a warning.

| Key | Environment | Type | Default | Meaning |
|---|---|---|---|---|
${built.map((setting) => row([code(setting.key), variables(setting), setting.type.name, shown(setting), setting.doc ?? ''])).join('\n')}

## Known, without effect so far

Existing configuration files may hold these. A value other than the default gives a warning.

| Key | Environment | Type | Default |
|---|---|---|---|
${later.map((setting) => row([code(setting.key), variables(setting), setting.type.name, shown(setting)])).join('\n')}
`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function variables(setting: Setting): string {
  return setting.env.map(code).join(', ');
}

function shown(setting: Setting): string {
  if (setting.type.name === duration.name) return code(formatDuration(setting.default as number));
  if (Array.isArray(setting.default)) return setting.default.length === 0 ? 'none' : setting.default.map(code).join(', ');
  return setting.default === ''
    ? ''
    : code(typeof setting.default === 'string' ? setting.default : JSON.stringify(setting.default));
}

function code(text: string): string {
  return `\`${text}\``;
}
