import { readFileSync } from 'node:fs';
import { CpError } from '../cp-error.ts';
import { loadSettings } from '../settings/load-settings.ts';
import { formatProblem } from '../settings/setting-problem.ts';
import type { Settings } from '../settings/table/index.ts';

export interface Config {
  readonly settings: Settings;
  readonly warnings: readonly string[];
}

/**
 * The settings of this process.
 * @throws CpError `settings` with everything that is wrong with them
 */
export function loadConfig(configFile: string | undefined): Config {
  const file = configFile === undefined ? undefined : { path: configFile, text: readConfig(configFile) };
  const loaded = loadSettings({ ...(file && { file }), env: process.env });
  if (loaded.ok) return loaded;
  const problems = loaded.problems.map((problem) => `\n  - ${formatProblem(problem)}`).join('');
  throw new CpError('settings', `these settings are wrong:${problems}`, {
    hint: 'docs/reference/settings.md has all of them',
  });
}

function readConfig(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CpError('settings', `the configuration file cannot be read: ${(error as Error).message}`, {
      hint: 'check the path after --config-file',
      cause: error,
    });
  }
}
