import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Plugin } from '@oclif/core';

/** Writes what oclif would otherwise find out by loading every command at each start. */
export async function writeManifest(packageRoot: string): Promise<void> {
  const plugin = new Plugin({ root: packageRoot, ignoreManifest: true, isRoot: true });
  await plugin.load();
  const ids = Object.keys(plugin.manifest.commands);
  if (ids.length === 0) throw new Error('oclif found no commands to list in the manifest');
  await writeFile(join(packageRoot, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest, null, 1)}\n`);
}
