import { readFileSync } from 'node:fs';
import { CliError } from './cli-error.ts';

/** Text of a file that a flag or the configuration names. */
export function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CliError({ code: 'FILE_UNREADABLE', message: `cannot read ${path}: ${(cause as Error).message}`, cause });
  }
}
