import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Commands } from './command-first.ts';

/** The commands by id, as they were listed when the package was built. */
export function readManifest(root: string): Commands {
  return (JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as { readonly commands: Commands }).commands;
}
