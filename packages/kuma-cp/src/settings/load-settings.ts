import { deepFreeze } from '@kuma-mesh/core-model/resources/freeze.ts';
import { checkTogether } from './check-together.ts';
import { type ConfigFile, type FileContent, readConfigFile } from './config-file.ts';
import { type Environment, fromEnvironment, unknownVariables } from './environment.ts';
import type { Setting } from './setting.ts';
import type { SettingProblem } from './setting-problem.ts';
import { type Settings, settingsTable } from './table/index.ts';

export type LoadedSettings =
  | { readonly ok: true; readonly settings: Settings; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly SettingProblem[]; readonly warnings: readonly string[] };

/** Settings from a configuration file and the environment, which wins; every problem at once. */
export function loadSettings(input: { readonly file?: ConfigFile; readonly env: Environment }): LoadedSettings {
  const content: FileContent = input.file ? readConfigFile(input.file, settingsTable) : { values: new Map(), problems: [] };
  const problems = [...content.problems];
  const warnings: string[] = [];
  const values: [string, unknown][] = settingsTable.map((setting: Setting) => {
    const stated = statedValue(setting, content, input.env);
    if (stated === undefined) return [setting.key, setting.default];
    const value = setting.type.read(stated.raw);
    if (value === undefined) problems.push({ key: setting.key, source: stated.source, reason: misfit(setting, stated.raw) });
    else if (!setting.built && !same(value, setting.default)) {
      warnings.push(`${setting.key} (${stated.source}) is not built yet and has no effect`);
    }
    return [setting.key, value];
  });
  warnings.push(...unknownVariables(settingsTable, input.env));
  if (problems.length > 0) return { ok: false, problems, warnings };
  const settings = deepFreeze(Object.fromEntries(values)) as Settings;
  const together = checkTogether(settings);
  return together.length > 0 ? { ok: false, problems: together, warnings } : { ok: true, settings, warnings };
}

/** All settings as they are when nobody sets any. */
export function defaultSettings(): Settings {
  return deepFreeze(Object.fromEntries(settingsTable.map((setting: Setting) => [setting.key, setting.default]))) as Settings;
}

function statedValue(setting: Setting, content: FileContent, env: Environment) {
  const variable = fromEnvironment(setting, env);
  if (variable) return { raw: variable.value, source: variable.name };
  return content.values.get(setting.key);
}

function misfit({ type }: Setting, raw: unknown): string {
  return `${type.secret ? 'its value (not shown)' : JSON.stringify(raw)} is not valid; expected ${type.expected}`;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
