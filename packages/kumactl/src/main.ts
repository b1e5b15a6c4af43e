import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flush } from '@oclif/core/flush';
import { run } from '@oclif/core/run';
import { commandFirst } from './command-first.ts';
import { readManifest } from './read-manifest.ts';
import { reportError } from './report-error.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  await run(commandFirst(process.argv.slice(2), readManifest(root)), root);
  await flush();
} catch (error) {
  process.exitCode = await reportError(error, root);
}
