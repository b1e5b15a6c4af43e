import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from './settings/table/index.ts';

export function workDirOf(settings: Settings): string {
  return settings['general.workDir'] || join(homedir(), '.kuma');
}
